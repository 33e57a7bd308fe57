require 'httparty'
require 'faraday'

class Stack
  include HTTParty
  base_uri 'https://api.stack.example.com'

  def questions
    self.class.get('/2.2/questions', query: { site: 'so' })
  end
end

class Slack
  def initialize
    @conn = Faraday.new(url: 'https://slack.example.com/api')
  end

  def post(text)
    @conn.post('/chat.postMessage', text: text)
  end
end

HTTParty.delete "https://api.stack.example.com/2.2/answers/#{id}"
