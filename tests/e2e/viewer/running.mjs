// A run that goes on: callscope reads packets from a pipe, as they are made
// here in real time, and shows itself.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUser, users } from './program.mjs';

const LINKTYPE_RAW = 101;
const TICK_MS = 20;

/* Packet time goes on evenly, however busy the machine is. */
const clock = { ms: Date.now() };

function fileHead() {
	const b = Buffer.alloc(24);

	b.writeUInt32LE(0xa1b2c3d4, 0);
	b.writeUInt16LE(2, 4);
	b.writeUInt16LE(4, 6);
	b.writeUInt32LE(65535, 16);
	b.writeUInt32LE(LINKTYPE_RAW, 20);
	return b;
}

function ip(text) {
	return Buffer.from(text.split('.').map(Number));
}

/* A record of a UDP datagram; from, to: "10.0.0.1:5060". */
function datagram(from, to, data) {
	const [src, sport] = from.split(':'), [dst, dport] = to.split(':');
	const now = clock.ms;
	const b = Buffer.alloc(16 + 28 + data.length);

	b.writeUInt32LE(Math.floor(now / 1000), 0);
	b.writeUInt32LE(now % 1000 * 1000, 4);
	b.writeUInt32LE(28 + data.length, 8);
	b.writeUInt32LE(28 + data.length, 12);
	b[16] = 0x45;
	b.writeUInt16BE(28 + data.length, 18);
	b[24] = 64;
	b[25] = 17;
	ip(src).copy(b, 28);
	ip(dst).copy(b, 32);
	b.writeUInt16BE(Number(sport), 36);
	b.writeUInt16BE(Number(dport), 38);
	b.writeUInt16BE(8 + data.length, 40);
	data.copy(b, 44);
	return b;
}

/* One call between two phones; messages are sent when they are asked for, and
 * while it talks both send G.711. loses: of the callee's packets each so many
 * is not there. */
export class Call {
	constructor(n, { loses = 0 } = {}) {
		this.n = n;
		this.loses = loses;
		this.user = `49301000${n}`;
		this.a = `10.1.0.${n}`;
		this.b = `10.2.0.${n}`;
		this.seq = 0;
		this.talks = false;
	}

	text(start, cseq, side) {
		const host = side === 'a' ? this.a : this.b;
		const sdp = cseq.endsWith('INVITE') && !start.includes(' 180 ') ?
			`v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\n` +
			'm=audio 4000 RTP/AVP 8\r\n' : '';

		return Buffer.from(`${start}\r\nVia: SIP/2.0/UDP ${this.a};branch=z9hG4bK${this.n}${cseq[0]}\r\n` +
			`From: <sip:+${this.user}@example.org>;tag=a${this.n}\r\n` +
			`To: <sip:bob@example.org>${start.startsWith('INVITE') ? '' : `;tag=b${this.n}`}\r\n` +
			`Call-ID: live-${this.n}\r\nCSeq: ${cseq}\r\n` +
			(sdp ? 'Content-Type: application/sdp\r\n' : '') +
			`Content-Length: ${sdp.length}\r\n\r\n${sdp}`);
	}

	from(side, start, cseq) {
		const [src, dst] = side === 'a' ? [this.a, this.b] : [this.b, this.a];

		return datagram(`${src}:5060`, `${dst}:5060`, this.text(start, cseq, side));
	}

	invite() {
		return this.from('a', `INVITE sip:bob@example.org SIP/2.0`, '1 INVITE');
	}

	ringing() {
		return this.from('b', 'SIP/2.0 180 Ringing', '1 INVITE');
	}

	answer() {
		this.talks = true;
		return this.from('b', 'SIP/2.0 200 OK', '1 INVITE');
	}

	bye() {
		this.talks = false;
		return Buffer.concat([this.from('a', 'BYE sip:bob@example.org SIP/2.0', '2 BYE'),
			this.from('b', 'SIP/2.0 200 OK', '2 BYE')]);
	}

	audio() {
		const packets = [];

		for (const side of ['a', 'b']) {
			const rtp = Buffer.alloc(172);

			rtp[0] = 0x80;
			rtp[1] = 8;
			rtp.writeUInt16BE(this.seq & 0xffff, 2);
			rtp.writeUInt32BE(this.seq * 160 >>> 0, 4);
			rtp.writeUInt32BE(side === 'a' ? this.n : 1000 + this.n, 8);
			if (side === 'b' && this.loses && this.seq % this.loses === 0)
				continue;
			packets.push(side === 'a' ?
				datagram(`${this.a}:4000`, `${this.b}:4000`, rtp) :
				datagram(`${this.b}:4000`, `${this.a}:4000`, rtp));
		}
		this.seq++;
		return packets;
	}
}

/* Something that is no call, so that what is read comes on. */
function noise() {
	return datagram('10.9.0.1:9', '10.9.0.2:9', Buffer.alloc(8));
}

/* The run: { base, dir, stop, send(record), calls }. */
export async function startRun(more = []) {
	const dir = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'running-'));

	for (const [role, user] of Object.entries(users))
		addUser(dir, role, user);
	const child = spawn(process.env.CALLSCOPE,
		['-r', '-', '-o', dir, '--http', '127.0.0.1:0', '--record', 'none', '-q', ...more],
		{ stdio: ['pipe', 'pipe', 'pipe'] });
	const ended = new Promise((resolve) => child.on('exit', resolve));
	const calls = [];
	let said = '', wake = () => {};

	for (const pipe of [child.stdout, child.stderr])
		pipe.on('data', (text) => {
			said += text;
			wake();
		});
	child.stdin.on('error', () => {});
	child.stdin.write(fileHead());
	const tick = setInterval(() => {
		clock.ms += TICK_MS;
		const out = [noise(), noise(), noise(), noise()];

		for (const call of calls.filter((c) => c.talks))
			out.push(...call.audio());
		child.stdin.write(Buffer.concat(out));
	}, TICK_MS);

	async function stop() {
		clearInterval(tick);
		child.kill('SIGTERM');
		child.stdin.destroy();
		const status = await ended;

		rmSync(dir, { recursive: true, force: true });
		return { status, said };
	}
	function end() {
		clearInterval(tick);
		child.stdin.end();
	}
	const base = await new Promise((resolve, reject) => {
		wake = () => {
			const url = /the viewer is at (http:\/\/\S+?)\/?\s/.exec(said);

			if (url)
				resolve(url[1]);
		};
		ended.then(() => reject(new Error(`it ended: ${said}`)));
	});

	return { base, dir, stop, end, calls, send: (record) => child.stdin.write(record) };
}
