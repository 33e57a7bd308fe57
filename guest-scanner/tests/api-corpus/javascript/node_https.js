'use strict';
const https = require('https');
const http = require('node:http');

function versions(callback) {
  https.get('https://registry.example.com/versions', (res) => {
    res.on('data', callback);
  });
}

function send(event) {
  const options = {
    hostname: 'collect.example.com',
    path: '/v1/events',
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
  };
  const req = https.request(options, (res) => res.resume());
  req.write(JSON.stringify(event));
  req.end();
}

http.createServer((req, res) => res.end('ok')).listen(8080);
module.exports = { versions, send };
