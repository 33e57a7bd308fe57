import got from 'got';
import ky from 'ky';
import fetch from 'node-fetch';
import { request } from 'undici';

const client = got.extend({ prefixUrl: 'https://api.tv.example.com/3' });

export const movie = (id) => client.get(`movie/${id}`).json();
export const rate = (id, value) => got.post('https://api.tv.example.com/3/rate', { json: { id, value } });
export const avatar = (name) => ky.get(`https://avatars.example.com/${name}.png`).blob();
export const text = async (page) => (await fetch('https://wiki.example.com/' + page)).text();
export const raw = () => request('https://raw.example.com/index');

const map = new Map();
map.get('https://api.tv.example.com/3');
map.delete('https://api.tv.example.com/3');
