require 'net/http'
require 'json'

# Net::HTTP.get(URI('https://comment.example'))
module Rates
  BASE = 'https://rates.example.com'.freeze

  def self.latest(currency)
    uri = URI("#{BASE}/latest?base=#{currency}")
    JSON.parse(Net::HTTP.get(uri))
  end

  def self.publish(body)
    uri = URI.parse("#{BASE}/publish")
    request = Net::HTTP::Post.new(uri)
    request['Authorization'] = "Bearer #{ENV['TOKEN']}"
    request.body = body
    Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request) }
  end
end
