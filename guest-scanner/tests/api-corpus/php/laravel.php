<?php

use Illuminate\Support\Facades\Http;

class Geo
{
    public function find(string $ip): array
    {
        return Http::withToken(config('geo.token'))
            ->get("https://geo.example.com/ip/{$ip}")
            ->json();
    }

    public function store(array $data): void
    {
        Http::post('https://geo.example.com/store', $data);
        Cache::get('https://geo.example.com/not-a-call');
    }
}
