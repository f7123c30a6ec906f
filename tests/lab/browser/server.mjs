// The web and signalling server of the browser lab: server.mjs HOST [OPTION...]
// Pages on http://HOST:8080/, and four ways for them to exchange what they
// have to say; the server reads none of it but the words for WHIP.
//
//	/ws		WebSocket: every message goes to the other sockets
//	/send /poll	JSON by POST to the others, JSON array by long GET
//	/whip		RFC 9725 for the page that connected to /endpoint
//
// Options: deflate (permessage-deflate), pieces (each message in three frames)
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const [host, ...options] = process.argv.slice(2);
const files = {
	'/': ['page.html', 'text/html'],
	'/ways.js': ['ways.js', 'text/javascript'],
	'/figures.js': ['figures.js', 'text/javascript'],
	'/page.js': ['page.js', 'text/javascript'],
	'/phone': ['phone.html', 'text/html'],
	'/phone.js': ['phone.js', 'text/javascript'],
	'/jssip.js': ['build/jssip.js', 'text/javascript'],
};

// Long polls: messages that wait, and the answer that waits for one.
const boxes = new Map();

function box(name) {
	if (!boxes.has(name))
		boxes.set(name, { mail: [], waiting: null });
	return boxes.get(name);
}

function deliver(name) {
	const { mail, waiting } = box(name);

	if (!waiting || !mail.length)
		return;
	box(name).waiting = null;
	waiting.setHeader('Content-Type', 'application/json');
	waiting.end(`[${mail.splice(0).join(',')}]`);
}

function poll(res, name) {
	const mine = box(name);

	mine.waiting?.end('[]');
	mine.waiting = res;
	deliver(name);
}

function send(res, from, text) {
	for (const [name, { mail }] of boxes)
		if (name !== from) {
			mail.push(text);
			deliver(name);
		}
	res.writeHead(204).end();
}

// WHIP: one resource; the page at /endpoint answers.
let endpoint = null;
let answer = null;

function whip(req, res, body) {
	const what = { POST: 'offer', PATCH: 'fragment', DELETE: 'end' };

	endpoint.send(JSON.stringify({
		type: what[req.method], sdp: body, etag: req.headers['if-match'],
	}));
	if (req.method === 'POST')
		answer = (sdp) => res.writeHead(201, {
			'Content-Type': 'application/sdp',
			Location: '/whip/lab',
			ETag: '"lab-1"',
		}).end(sdp);
	else
		res.writeHead(req.method === 'PATCH' ? 204 : 200).end();
}

const http = createServer((req, res) => {
	const url = new URL(req.url, `http://${host}`);
	const as = url.searchParams.get('as');
	const chunks = [];

	req.on('data', (chunk) => chunks.push(chunk));
	req.on('end', () => {
		const body = Buffer.concat(chunks).toString();
		const file = files[url.pathname];

		if (file) {
			res.setHeader('Content-Type', file[1]);
			createReadStream(new URL(file[0], import.meta.url))
				.on('error', () => res.writeHead(404).end())
				.pipe(res);
		} else if (url.pathname === '/poll') {
			poll(res, as);
		} else if (url.pathname === '/send') {
			send(res, as, body);
		} else if (url.pathname.startsWith('/whip') && endpoint) {
			whip(req, res, body);
		} else {
			res.writeHead(404).end();
		}
	});
});

function inPieces(socket, data, binary) {
	const third = Math.ceil(data.length / 3);

	for (let i = 0; i < 3; i++)
		socket.send(data.subarray(i * third, (i + 1) * third),
			{ binary, fin: i === 2, compress: false });
}

const sockets = new Set();
const server = new WebSocketServer({
	server: http,
	perMessageDeflate: options.includes('deflate') && { threshold: 0 },
});

server.on('connection', (socket, req) => {
	if (req.url === '/endpoint') {
		endpoint = socket;
		socket.on('message', (data) => answer?.(data.toString()));
		return;
	}
	sockets.add(socket);
	socket.on('close', () => sockets.delete(socket));
	socket.on('message', (data, binary) => {
		for (const other of sockets)
			if (other === socket)
				continue;
			else if (options.includes('pieces'))
				inPieces(other, data, binary);
			else
				other.send(data, { binary });
	});
});

http.listen(8080, host, () => console.log('ready'));
// The page at /endpoint is on this host.
if (!host.startsWith('127.'))
	createServer().on('upgrade', (req, socket, head) =>
		http.emit('upgrade', req, socket, head)).listen(8080, '127.0.0.1');
