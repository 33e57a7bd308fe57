# frozen_string_literal: true

require 'faraday'
require 'json'
require 'net/http'
require 'uri'

# Sends newsletters; the API is described at https://letters.example/docs
class Newsletter
  API = 'https://letters.example/api/v2'

  Error = Class.new(StandardError)

  def initialize(key, lists: {})
    @key = key
    @lists = lists
    @stats = Faraday.new(url: 'https://stats.example') do |connection|
      connection.request :json
      connection.response :json
    end
  end

  def subscribers(list)
    uri = URI("#{API}/lists/#{list}/subscribers")
    answer = Net::HTTP.get(uri)
    JSON.parse(answer)
  end

  def subscribe(list, email)
    uri = URI.parse("#{API}/lists/#{list}/subscribers")
    request = Net::HTTP::Post.new(uri)
    request['Authorization'] = "Token #{@key}"
    request.set_form_data(email: email)
    answer = Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request) }
    raise Error, 'refused, see https://letters.example/help' unless answer.is_a?(Net::HTTPSuccess)

    @lists.delete(list)
  end

  def opened(issue)
    @stats.get("/issues/#{issue}/opened").body['count']
  end

  def track(issue, link)
    @stats.post('/clicks', { issue: issue, link: link })
  end

  def list(name)
    @lists.fetch(name) { @lists[name] = subscribers(name) }
  end
end
