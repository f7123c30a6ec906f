// What a phone sends and hears. Each kind has offer(), answer(sdp),
// accept(sdp), start() and stop(), and says at the end what it counted.

import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

// The clock of the sound: calls SEND for every 20 ms that passed.
function paced(send) {
	const began = Date.now();
	let sent = 0;

	return setInterval(() => {
		while (sent * 20 <= Date.now() - began)
			send(sent++);
	}, 5);
}

function packet(pt, seq, ts, ssrc, payload, marker) {
	const head = Buffer.alloc(12);

	head[0] = 0x80;
	head[1] = pt | (marker ? 0x80 : 0);
	head.writeUInt16BE(seq & 0xffff, 2);
	head.writeUInt32BE(ts >>> 0, 4);
	head.writeUInt32BE(ssrc, 8);
	return Buffer.concat([head, payload]);
}

const chunk = (sound, n) => {
	const at = n * 160 % (sound.length - 160);

	return sound.subarray(at, at + 160);
};

// RTP with A-law between the addresses in the SDP; with SDES true as SRTP
// under keys in the SDP (RFC 4568), by werift. Sequence numbers begin at
// FIRST if that is given.
export const sdes = (opt) => plain({ ...opt, sdes: true });

export async function plain({ host, sound, first: given, sdes }) {
	const socket = createSocket('udp4');
	const pcma = readFileSync(sound);
	const said = { ssrc: randomBytes(4).readUInt32BE(), sent: 0, received: 0 };
	const first = Number(given ?? randomBytes(2).readUInt16BE());
	const key = randomBytes(30);
	let far, timer, seal, version = 0;

	// An even port, as RTP has it.
	const port = 20000 + 2 * (randomBytes(2).readUInt16BE() % 5000);

	await new Promise((done) => socket.bind(port, host, done));
	socket.on('message', () => said.received++);

	const suite = 'AES_CM_128_HMAC_SHA1_80';
	const sdp = () => ['v=0', `o=- ${said.ssrc} ${++version} IN IP4 ${host}`,
		's=-', `c=IN IP4 ${host}`, 't=0 0',
		`m=audio ${port} RTP/${sdes ? 'S' : ''}AVP 8`,
		'a=rtpmap:8 PCMA/8000', 'a=ptime:20', 'a=sendrecv',
		...(sdes ? [`a=crypto:1 ${suite} inline:${key.toString('base64')}`] :
			[]), ''].join('\r\n');
	const accept = async (text) => {
		if (sdes && !seal)
			seal = await sealer(key);
		far = {
			host: /^c=IN IP4 (\S+)/m.exec(text)[1],
			port: Number(/^m=audio (\d+)/m.exec(text)[1]),
		};
	};

	return {
		said,
		offer: async () => sdp(),
		accept,
		async answer(text) {
			await accept(text);
			return sdp();
		},
		start() {
			timer = paced((n) => {
				const rtp = packet(8, first + n, n * 160, said.ssrc,
					chunk(pcma, n), n === 0);

				socket.send(seal ? seal(rtp) : rtp, far.port, far.host);
				said.sent++;
			});
		},
		stop() {
			clearInterval(timer);
			setTimeout(() => socket.close(), 300);
		},
	};
}

// What makes SRTP of RTP under a key of SDES.
async function sealer(key) {
	const { SrtpSession, RtpHeader, ProtectionProfileAes128CmHmacSha1_80 } =
		await import('werift');
	const [master, salt] = [key.subarray(0, 16), key.subarray(16)];
	const session = new SrtpSession({
		profile: ProtectionProfileAes128CmHmacSha1_80,
		keys: { localMasterKey: master, localMasterSalt: salt,
			remoteMasterKey: master, remoteMasterSalt: salt },
	});

	return (rtp) => session.encrypt(rtp.subarray(12),
		RtpHeader.deSerialize(rtp));
}

// werift's peer connection: ICE, DTLS 1.2, SRTP; PCMA inside. TRICKLE(line)
// gets each candidate, '' at the end; without it the SDP has them all. Its
// master secrets go to KEYLOG.
export async function webrtc({ sound, stun, keylog, trickle }) {
	const { RTCPeerConnection, RTCRtpCodecParameters, MediaStreamTrack } =
		await import('werift');
	const { appendFileSync } = await import('node:fs');
	const pcma = readFileSync(sound);
	const said = { sent: 0, received: 0 };
	const first = randomBytes(2).readUInt16BE();
	const track = new MediaStreamTrack({ kind: 'audio' });
	const pc = new RTCPeerConnection({
		iceServers: stun ? [{ urls: `stun:${stun}` }] : [],
		iceUseIpv6: false,
		codecs: { audio: [new RTCRtpCodecParameters({
			mimeType: 'audio/PCMA', clockRate: 8000, channels: 1,
			payloadType: 8 })] },
	});
	let timer;

	pc.addTransceiver(track, { direction: 'sendrecv' });
	pc.onTrack.subscribe((t) =>
		t.onReceiveRtp.subscribe(() => said.received++));
	pc.onIceCandidate.subscribe((c) => trickle?.(c?.candidate ?? ''));
	pc.connectionStateChange.subscribe((state) => {
		said.state = state;
		if (state === 'connected')
			connected();
	});

	function connected() {
		const dtls = pc.dtlsTransports[0];
		const cipher = dtls.dtls.cipher;
		const [c, s] = dtls.role === 'client' ?
			[cipher.localRandom, cipher.remoteRandom] :
			[cipher.remoteRandom, cipher.localRandom];

		said.role = dtls.role;
		said.profile = dtls.srtpProfile ?? dtls.dtls.srtp?.srtpProfile;
		void s;
		appendFileSync(keylog, 'CLIENT_RANDOM ' +
			Buffer.from(c.serialize()).toString('hex') + ' ' +
			cipher.masterSecret.toString('hex') + '\n');
		timer = paced((n) => {
			track.writeRtp(packet(8, first + n, n * 160, 1,
				chunk(pcma, n), n === 0));
			said.sent++;
		});
	}

	// Without candidates where they trickle.
	const bare = (sdp) => sdp.split('\r\n').filter((l) =>
		!l.startsWith('a=candidate') && !l.startsWith('a=end-of'))
		.join('\r\n');
	const local = (sdp) => trickle ? bare(sdp) :
		withDefault(pc.localDescription.sdp);

	return {
		said,
		async offer() {
			const offer = await pc.createOffer();

			await pc.setLocalDescription(offer);
			return local(offer.sdp);
		},
		accept: (sdp) => pc.setRemoteDescription({ type: 'answer', sdp }),
		async answer(sdp) {
			await pc.setRemoteDescription({ type: 'offer', sdp });
			const answer = await pc.createAnswer();

			await pc.setLocalDescription(answer);
			return local(answer.sdp);
		},
		candidate: (line) => pc.addIceCandidate({ candidate: line,
			sdpMid: '0', sdpMLineIndex: 0 }),
		start() {},
		async stop() {
			clearInterval(timer);
			await new Promise((done) => setTimeout(done, 300));
			said.pair = pairOf(pc);
			await pc.close();
		},
	};
}

// A reflexive candidate is the default address, as in browsers (RFC 8839,
// 4.2.1.2); werift leaves it at 0.0.0.0 port 9.
function withDefault(sdp) {
	const found = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ srflx/im.exec(sdp);

	return !found ? sdp :
		sdp.replace(/^c=IN IP4 0\.0\.0\.0/m, `c=IN IP4 ${found[1]}`)
			.replace(/^m=audio 9 /m, `m=audio ${found[2]} `);
}

function pairOf(pc) {
	const pair = pc.iceTransports[0].connection.nominated?.['1'] ??
		pc.iceTransports[0].connection.nominated;
	const name = (c) => c && `${c.host}:${c.port} ${c.type}`;

	return pair && [name(pair.localCandidate), name(pair.remoteCandidate)];
}
