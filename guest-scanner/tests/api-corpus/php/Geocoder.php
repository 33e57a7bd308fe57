<?php

declare(strict_types=1);

namespace App\Geo;

use GuzzleHttp\Client;
use Psr\Log\LoggerInterface;

/**
 * Finds places, see https://places.example/docs.
 */
final class Geocoder
{
    private const TILES = 'https://tiles.example/styles/street';

    private Client $client;

    /** @var array<string, array> */
    private array $cache = [];

    public function __construct(private LoggerInterface $logger, private string $key)
    {
        $this->client = new Client([
            'base_uri' => 'https://places.example/v1/',
            'timeout' => 3.0,
        ]);
    }

    public function find(string $query): array
    {
        if (isset($this->cache[$query])) {
            return $this->cache[$query];
        }
        $response = $this->client->get('search', ['query' => ['q' => $query, 'key' => $this->key]]);
        $this->logger->info('looked up', ['query' => $query, 'help' => 'https://places.example/help']);

        return $this->cache[$query] = json_decode((string) $response->getBody(), true);
    }

    public function suggest(string $text, array $place): void
    {
        $this->client->request('POST', 'suggestions', ['json' => ['text' => $text, 'place' => $place]]);
    }

    public function remove(int $id): void
    {
        $this->client->delete("places/{$id}");
    }

    public function tile(int $zoom, int $x, int $y): string
    {
        return file_get_contents(self::TILES . "/{$zoom}/{$x}/{$y}.png");
    }

    public function elevation(float $lat, float $lon): float
    {
        $curl = curl_init("https://elevation.example/lookup?lat={$lat}&lon={$lon}");
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        $answer = curl_exec($curl);
        curl_close($curl);

        return (float) json_decode($answer)->elevation;
    }

    public function template(): string
    {
        return file_get_contents(__DIR__ . '/templates/place.html');
    }
}
