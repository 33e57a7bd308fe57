class Cache
  def initialize(store = {})
    @store = store
  end

=begin
  HTTParty.get('https://block.example')
=end
  def get(url)
    @store[url] || 'https://example.com/docs'
  end
end

Cache.new.get('https://example.com')
