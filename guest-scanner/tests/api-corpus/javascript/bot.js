'use strict';

const https = require('https');
const express = require('express');
const got = require('got');

const CHAT_HOST = 'chat.example';
const app = express();
app.use(express.json());

const tickets = got.extend({ prefixUrl: 'https://tickets.example/rest/2' });

function say(room, text) {
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        hostname: CHAT_HOST,
        path: `/api/rooms/${room}/messages`,
        method: 'POST',
        headers: { Authorization: `Bearer ${process.env.CHAT_TOKEN}` },
      },
      (response) => {
        response.resume();
        response.on('end', resolve);
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ text }));
  });
}

app.post('/hooks/chat', async (req, res) => {
  const match = /^ticket (\d+)$/.exec(req.body.text || '');
  if (!match) {
    res.status(204).end();
    return;
  }
  const ticket = await tickets.get(`issue/${match[1]}`).json();
  await say(req.body.room, `${ticket.title}: https://tickets.example/browse/${ticket.id}`);
  res.json({ ok: true });
});

app.get('/health', async (req, res) => {
  const page = await got('https://status.example/api/summary.json');
  res.send(page.body);
});

app.delete('/tickets/:id', async (req, res) => {
  await tickets.delete(`issue/${req.params.id}`);
  res.end();
});

app.listen(3000, () => console.log('listening on http://localhost:3000'));
