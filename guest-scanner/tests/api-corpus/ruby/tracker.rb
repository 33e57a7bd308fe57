# frozen_string_literal: true

require 'faraday'
require 'net/http'
require 'httparty'

# Reads https://tracker.example.com
class Tracker
  include HTTParty
  base_uri 'https://tracker.example.com/api'

  def issues(project)
    self.class.get("/projects/#{project}/issues", headers: { 'Accept' => 'application/json' })
  end

  def close(id)
    connection.patch("issues/#{id}") { |request| request.body = { state: 'closed' }.to_json }
  end

  def raw(id)
    Net::HTTP.get(URI("https://raw.example.com/issues/#{id}"))
  end

  private

  def connection
    @connection ||= Faraday.new(url: 'https://write.example.com/v2')
  end
end
