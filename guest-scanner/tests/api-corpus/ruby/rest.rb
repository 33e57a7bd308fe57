require 'rest-client'
require 'open-uri'

def fetch(id)
  RestClient.get("https://rest.example.com/items/#{id}", { accept: :json })
end

def change(id, body)
  RestClient::Request.execute(method: :put, url: "https://rest.example.com/items/#{id}", payload: body)
end

page = URI.open('https://pages.example.com/index.html').read
HELP = <<~TEXT
  RestClient.get('https://prose.example')
TEXT
