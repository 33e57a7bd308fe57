import { createServer, request } from 'node:http';
import superagent from 'superagent';

const UPSTREAM = new URL('https://upstream.example.dev');

export default {
  async fetch(incoming, env) {
    const url = new URL(incoming.url);
    if (url.pathname === '/health') return new Response('ok');
    const answer = await fetch(`https://origin.example.dev${url.pathname}`, { method: 'HEAD' });
    if (!answer.ok) await fetch('https://alerts.example.dev/hook', { method: 'post', body: url.href });
    return answer;
  },
};

createServer((incoming, outgoing) => {
  outgoing.end('see http://localhost:8080');
}).listen(8080);

export const ping = () => request({ hostname: 'ping.example.dev', path: '/now', method: 'GET' }).end();
export const send = (note) => superagent.post('https://notes.example.dev/notes').send(note);
navigator.sendBeacon('https://beacon.example.dev/b', '1');
