// A SIP phone on a WebSocket (RFC 7118) that answers, or makes one call; or
// one that calls over UDP.
//
//	node phone.mjs name=alice host=10.77.0.2 sound=tone.al
//		url=ws://... [register=1] | listen=8080 [cert=FILE key=FILE] |
//		udp=HOST:PORT
//		[dial=sip:bob@... seconds=4] [form=text|binary|...] [length=no]
//		[media=plain|sdes|webrtc] [first=SEQ] [again=SECONDS]
//		[trickle=1] [stun=HOST:PORT] [large=BYTES] [keylog=FILE]
//
// again: a re-INVITE after so long that changes nothing.
//
// Prints "ready", and a line of JSON with what it counted when a call is
// over. A phone that listens is the far end of the WebSocket itself.

import { createSocket } from 'node:dgram';
import { createServer as plainServer } from 'node:http';
import { createServer as secureServer } from 'node:https';
import { appendFileSync, readFileSync } from 'node:fs';
import { WebSocket, WebSocketServer } from 'ws';
import { answer, build, parse, token } from './sip.mjs';
import { forms } from './frames.mjs';
import * as kinds from './media.mjs';

const opt = Object.fromEntries(process.argv.slice(2).map((a) =>
	[a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)]));
const domain = opt.domain ?? 'lab.example';
const me = `sip:${opt.name}@${domain}`;
const here = opt.udp ? `${opt.host}:5060` : `${token()}.invalid`;
const transport = opt.udp ? 'udp' :
	opt.cert || opt.url?.startsWith('wss') ? 'wss' : 'ws';
const contact = `<sip:${opt.name}@${here}${opt.udp ? '' : ';transport=ws'}>`;
const via = () => `SIP/2.0/${transport.toUpperCase()} ${here};branch=z9hG4bK${token()}`;
const withLength = opt.length !== 'no';
const deflate = opt.form === 'deflate' ? { threshold: 0 } : false;

let ws, media, call;
const waiting = new Map(); // CSeq: who waits for the final answer

function send(message) {
	forms[opt.form ?? 'text'](ws, message);
}

function request(method, uri, dialog, headers = [], body = '') {
	const cseq = `${dialog.cseq++} ${method}`;

	send(build(`${method} ${uri} SIP/2.0`, [['Via', via()],
		['Max-Forwards', 70], ...dialog.route.map((r) => ['Route', r]),
		['From', dialog.local], ['To', dialog.remote],
		['Call-ID', dialog.id], ['CSeq', cseq], ['Contact', contact],
		...headers], body, withLength));
	return new Promise((done) => waiting.set(`${dialog.id} ${cseq}`, done));
}

const fresh = (remote) => ({ id: token(8), cseq: 1, route: [],
	local: `<${me}>;tag=${token()}`, remote: `<${remote}>` });

const uriOf = (value) => /<([^>]*)>/.exec(value)?.[1] ?? value;
const routes = (m) => m.all.filter(([n]) => n === 'record-route')
	.map(([, v]) => v);

async function newMedia() {
	const pending = [];

	media = await kinds[opt.media ?? 'plain']({ ...opt,
		trickle: opt.trickle && ((line) => {
			pending.push(line);
			if (call?.up)
				trickleAll();
		}) });
	media.pending = pending;
}

// Candidates in INFO (RFC 8840).
async function trickleAll() {
	for (const line of media.pending.splice(0)) {
		const body = [...media.ice, 'm=audio 9 UDP/TLS/RTP/SAVPF 8',
			'a=mid:0', line ? `a=${line.replace(/^(?!candidate)/, 'candidate:')}` :
				'a=end-of-candidates', ''].join('\r\n');

		await request('INFO', call.target, call, [
			['Info-Package', 'trickle-ice'],
			['Content-Disposition', 'Info-Package'],
			['Content-Type', 'application/trickle-ice-sdpfrag'],
		], body);
	}
}

const iceOf = (sdp) => ['a=ice-ufrag', 'a=ice-pwd'].map((name) =>
	sdp.split('\r\n').find((l) => l.startsWith(name)));

// The INVITE, in a dialog or not, and the ACK; returns the answer.
async function invite() {
	const sdp = await media.offer();
	const cseq = call.cseq;

	media.ice = opt.trickle && iceOf(sdp);
	const ok = await request('INVITE', call.target, call, [
		['Content-Type', 'application/sdp'],
		...(opt.trickle ? [['Supported', 'trickle-ice'],
			['Recv-Info', 'trickle-ice']] : []),
	], sdp);

	call.remote = ok.headers.to;
	call.route = routes(ok).reverse();
	call.target = uriOf(ok.headers.contact);
	send(build(`ACK ${call.target} SIP/2.0`, [['Via', via()],
		['Max-Forwards', 70], ...call.route.map((r) => ['Route', r]),
		['From', call.local], ['To', call.remote], ['Call-ID', call.id],
		['CSeq', `${cseq} ACK`]], '', withLength));
	return media.accept(ok.body);
}

async function dial() {
	await newMedia();
	call = fresh(opt.dial);
	call.target = opt.dial;
	await invite();
	media.start();
	call.up = true;
	if (opt.trickle)
		await trickleAll();
	if (opt.large)
		await request('MESSAGE', call.target, call,
			[['Content-Type', 'text/plain']], 'x'.repeat(Number(opt.large)));
	if (opt.again)
		setTimeout(invite, 1000 * Number(opt.again));
	setTimeout(hangup, 1000 * Number(opt.seconds ?? 4));
}

async function hangup() {
	await request('BYE', call.target, call);
	await over();
	ws.close();
	setTimeout(() => process.exit(0), 500);
}

async function over() {
	await media.stop();
	console.log(JSON.stringify(media.said));
}

async function invited(m) {
	const tag = token();

	call = { id: m.headers['call-id'], cseq: 100, route: routes(m),
		local: `${m.headers.to};tag=${tag}`, remote: m.headers.from,
		target: uriOf(m.headers.contact) };
	send(answer(m, 180, 'Ringing', tag, [['Contact', contact]], '',
		withLength));
	await newMedia();
	const sdp = await media.answer(m.body);

	media.ice = opt.trickle && iceOf(sdp);
	send(answer(m, 200, 'OK', tag, [['Contact', contact],
		...(opt.trickle ? [['Recv-Info', 'trickle-ice']] : []),
		['Content-Type', 'application/sdp']], sdp, withLength));
}

async function informed(m) {
	for (const line of m.body.split('\r\n'))
		if (line.startsWith('a=candidate:'))
			await media.candidate(line.slice(2));
}

async function heard(bytes) {
	const m = parse(bytes);

	if (m.status) {
		const key = `${m.headers['call-id']} ${m.headers.cseq}`;

		if (m.status >= 200 && waiting.has(key)) {
			waiting.get(key)(m);
			waiting.delete(key);
		}
		return;
	}
	if (m.method === 'INVITE')
		return invited(m);
	if (m.method === 'ACK') {
		media.start();
		call.up = true;
		// Not awaited: its answers are heard after this.
		if (opt.trickle)
			trickleAll();
		return undefined;
	}
	send(answer(m, 200, 'OK', null, [], '', withLength));
	if (m.method === 'INFO')
		return informed(m);
	if (m.method === 'BYE')
		return over();
}

function begin(socket) {
	ws = socket;
	// One at a time: an INFO must not overtake the INVITE before it.
	let turn = Promise.resolve();

	ws.on('message', (bytes) => {
		if (bytes.length < 16)
			return; // keep-alive
		turn = turn.then(() => heard(bytes)).catch((e) => {
			console.error(e);
			process.exit(1);
		});
	});
}

if (opt.udp) {
	const socket = createSocket('udp4');
	const [host, port] = opt.udp.split(':');

	socket.bind(5060, opt.host, () => {
		begin({ on: (what, then) => socket.on(what, then),
			close: () => socket.close(),
			send: (bytes) => socket.send(bytes, Number(port), host) });
		console.log('ready');
		dial();
	});
} else if (opt.listen) {
	const server = opt.cert ? secureServer({ cert: readFileSync(opt.cert),
		key: readFileSync(opt.key) }) : plainServer();

	server.on('keylog', (line) => appendFileSync(opt.keylog, line));
	new WebSocketServer({ server, perMessageDeflate: deflate,
		handleProtocols: () => 'sip' }).on('connection', begin);
	server.listen(Number(opt.listen), opt.host, () => console.log('ready'));
} else {
	const socket = new WebSocket(opt.url, 'sip', {
		perMessageDeflate: deflate, rejectUnauthorized: false,
		origin: `http://${domain}` });

	begin(socket);
	socket.on('open', async () => {
		if (opt.register)
			await request('REGISTER', `sip:${domain}`, fresh(me),
				[['Expires', 600]]);
		console.log('ready');
		if (opt.dial)
			await dial();
	});
}
