<?php

namespace App\Service;

use GuzzleHttp\Client;
use Symfony\Contracts\HttpClient\HttpClientInterface;

/** Sends mail, see https://mail.example.com/docs */
class Mailer
{
    private const API = 'https://mail.example.com/v2';

    private Client $guzzle;

    public function __construct(private HttpClientInterface $http, string $key)
    {
        $this->guzzle = new Client(['base_uri' => 'https://lists.example.com/', 'auth' => ['api', $key]]);
    }

    public function send(string $to, string $text): void
    {
        $this->http->request('POST', self::API . '/messages', ['json' => compact('to', 'text')]);
    }

    public function members(string $list): array
    {
        $answer = $this->guzzle->get("lists/{$list}/members");
        return json_decode((string) $answer->getBody(), true);
    }

    public function ping(): string
    {
        return file_get_contents(self::API . '/ping');
    }

    public function config(string $key): mixed
    {
        return $this->config->get('https://not.example.com');
    }
}
