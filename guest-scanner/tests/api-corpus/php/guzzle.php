<?php
namespace App;

use GuzzleHttp\Client;

class Sms
{
    private Client $client;
    private const PATH = '/messages';

    public function __construct()
    {
        $this->client = new Client(['base_uri' => 'https://sms.example.com', 'timeout' => 2.0]);
    }

    public function send(string $to, string $text)
    {
        // $this->client->get('https://comment.example');
        return $this->client->post('/send', ['json' => compact('to', 'text')]);
    }

    public function status($id)
    {
        return $this->client->request('GET', "/status/{$id}");
    }
}
