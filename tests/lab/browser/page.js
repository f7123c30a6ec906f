// One end of a call, driven from outside (pages.mjs) through window.lab:
// open, call, up, then what the scenario wants, and quiet, snap, close. All
// that the browser knows of the call is kept and read by truth() at the end.
'use strict';

const lab = {
	cfg: {}, pc: null, signal: null, stream: null, channel: null,
	making: false, pending: [], local: [],
	truth: {
		timeline: [], descriptions: [], candidates: [], errors: [],
		stats: {}, summaries: {},
	},
};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const now = () => (performance.timeOrigin + performance.now()) / 1000;

function note(what, value) {
	lab.truth.timeline.push({ t: now(), what, value });
}

// The ways to the other side: each has send(object) and calls hear(object).

function socketTo(path, hear) {
	const ws = new WebSocket(`ws://${location.host}${path}`);

	ws.binaryType = 'arraybuffer';
	ws.onmessage = ({ data }) => hear(JSON.parse(
		typeof data === 'string' ? data : new TextDecoder().decode(data)));
	return new Promise((done) => {
		ws.onopen = () => done({
			send: (o) => ws.send(lab.cfg.binary ?
				new TextEncoder().encode(JSON.stringify(o)) :
				JSON.stringify(o)),
			close: () => ws.close(),
		});
	});
}

async function polling(hear) {
	let open = true;

	(async () => {
		while (open)
			for (const o of await (await fetch(`/poll?as=${lab.cfg.name}`)).json())
				await hear(o);
	})().catch((e) => lab.truth.errors.push(String(e)));
	await sleep(200);
	return {
		send: (o) => fetch(`/send?as=${lab.cfg.name}`, {
			method: 'POST', body: JSON.stringify(o),
			headers: { 'Content-Type': 'application/json' },
		}),
		close: () => { open = false; },
	};
}

// RFC 9725 and 8840: the lines of a trickle-ice-sdpfrag.
function fragment(candidate) {
	const lines = lab.pc.localDescription.sdp.split('\r\n');
	const m = lines.find((l) => l.startsWith('m='));

	return [
		...lines.filter((l) => /^a=ice-(ufrag|pwd):/.test(l)).slice(0, 2),
		m, 'a=mid:0',
		candidate ? `a=${candidate.candidate}` : 'a=end-of-candidates', '',
	].join('\r\n');
}

async function whipClient(hear) {
	let at = '';
	const early = [];
	const patch = (body) => fetch(at, {
		method: 'PATCH', body, headers: {
			'Content-Type': 'application/trickle-ice-sdpfrag',
			'If-Match': '"lab-1"',
		},
	});

	return {
		async send(o) {
			if (o.description?.type === 'offer') {
				const res = await fetch('/whip', {
					method: 'POST', body: o.description.sdp,
					headers: { 'Content-Type': 'application/sdp' },
				});

				at = res.headers.get('Location');
				await hear({ description:
					{ type: 'answer', sdp: await res.text() } });
				early.splice(0).forEach(patch);
			} else if ('candidate' in o) {
				const body = fragment(o.candidate);

				at ? patch(body) : early.push(body);
			}
		},
		close: () => fetch(at, { method: 'DELETE' }),
	};
}

function whipServer(hear) {
	const ws = new WebSocket('ws://127.0.0.1:8080/endpoint');

	ws.onmessage = ({ data }) => {
		const { type, sdp } = JSON.parse(data);

		if (type === 'offer')
			hear({ description: { type, sdp } });
		else if (type === 'fragment')
			for (const line of sdp.split('\r\n'))
				if (line.startsWith('a=candidate:'))
					hear({ candidate: {
						candidate: line.slice(2), sdpMid: '0' } });
	};
	return new Promise((done) => {
		ws.onopen = () => done({
			send: (o) => o.description?.type === 'answer' &&
				ws.send(o.description.sdp),
			close: () => ws.close(),
		});
	});
}

// Offer and answer, both sides alike: the "perfect negotiation" of RFC 8829's
// authors; the side with cfg.polite gives way.

function described(side, description) {
	lab.truth.descriptions.push({
		t: now(), side, type: description.type, sdp: description.sdp });
}

async function whole() {
	if (lab.pc.iceGatheringState !== 'complete')
		await new Promise((done) => {
			lab.pc.addEventListener('icegatheringstatechange', () =>
				lab.pc.iceGatheringState === 'complete' && done());
		});
}

async function describe() {
	lab.making = true;
	try {
		await lab.pc.setLocalDescription();
		if (lab.cfg.whole)
			await whole();
		described('local', lab.pc.localDescription);
		const { type, sdp } = lab.pc.localDescription;

		await lab.signal.send({ description: { type, sdp: lab.cfg.split ?
			sdp.replace(/a=group:BUNDLE.*\r\n/, '') : sdp } });
	} finally {
		lab.making = false;
	}
}

async function take(description) {
	const { pc, cfg } = lab;
	const glare = description.type === 'offer' &&
		(lab.making || pc.signalingState !== 'stable');

	note('received', description.type + (glare ? ' (glare)' : ''));
	if (glare && !cfg.polite)
		return;
	if (description.type === 'answer' && cfg.layers)
		description.sdp = description.sdp.replace(/(m=video[^]*)/,
			`$1a=rid:h recv\r\na=rid:l recv\r\na=simulcast:recv h;l\r\n`);
	await pc.setRemoteDescription(description);
	described('remote', description);
	for (const candidate of lab.pending.splice(0))
		await pc.addIceCandidate(candidate);
	if (description.type === 'offer') {
		addMedia();
		await describe();
	}
	await limit();
}

async function hear(o) {
	try {
		if (o.description) {
			await take(o.description);
		} else if ('candidate' in o) {
			lab.truth.candidates.push({
				t: now(), side: 'remote', ...o.candidate });
			if (!lab.pc.remoteDescription)
				lab.pending.push(o.candidate);
			else
				await lab.pc.addIceCandidate(o.candidate);
		}
	} catch (e) {
		lab.truth.errors.push(String(e));
	}
}

// Media, kept small: a recording of the lab is a file of a few 100 kB.

async function capture() {
	const { video, audio } = lab.cfg;

	lab.stream = await navigator.mediaDevices.getUserMedia({
		audio,
		video: video && {
			width: video.width, height: video.height,
			frameRate: video.rate,
		},
	});
}

function prefer(transceiver, wanted) {
	const all = RTCRtpReceiver.getCapabilities(
		transceiver.sender.track.kind).codecs;
	const is = (c) => wanted.some((w) => c.mimeType.toLowerCase()
		.endsWith('/' + w.toLowerCase()));

	transceiver.setCodecPreferences(
		[...all.filter(is), ...all.filter((c) => !is(c))]);
}

function addMedia() {
	const { pc, cfg, stream } = lab;

	if (lab.added || !stream)
		return;
	lab.added = true;
	for (const track of stream.getTracks()) {
		if (cfg.late === track.kind)
			continue;
		if (track.kind === 'video' && cfg.layers)
			pc.addTransceiver(track, { streams: [stream],
				direction: 'sendonly', sendEncodings: cfg.layers });
		else
			pc.addTrack(track, stream);
	}
	if (cfg.prefer)
		for (const t of pc.getTransceivers())
			if (t.sender.track)
				prefer(t, cfg.prefer);
}

async function limit() {
	for (const sender of lab.pc.getSenders()) {
		const p = sender.getParameters();

		if (!sender.track || !p.encodings?.length || lab.cfg.layers)
			continue;
		p.encodings[0].maxBitrate =
			sender.track.kind === 'video' ? lab.cfg.videoRate : 16000;
		// PCMA has no rate to choose.
		await sender.setParameters(p).catch((e) =>
			note('no limit', String(e)));
	}
}

function show(event) {
	const video = document.querySelector('video');

	video.srcObject ??= new MediaStream();
	video.srcObject.addTrack(event.track);
}

function talk(channel) {
	let n = 0;

	lab.channel = channel;
	channel.onmessage = ({ data }) => note('message', data);
	channel.onopen = async () => {
		note('channel', 'open');
		while (n < 3 && channel.readyState === 'open') {
			channel.send(`${lab.cfg.name} says ${++n}`);
			await sleep(700);
		}
	};
}

function watch(pc) {
	const state = (event, name) => pc.addEventListener(event, () =>
		note(name, pc[name]));

	state('connectionstatechange', 'connectionState');
	state('iceconnectionstatechange', 'iceConnectionState');
	state('icegatheringstatechange', 'iceGatheringState');
	state('signalingstatechange', 'signalingState');
	pc.addEventListener('icecandidateerror', (e) => note('candidateError',
		{ url: e.url, address: e.address, code: e.errorCode, text: e.errorText }));
	pc.addEventListener('track', show);
	pc.addEventListener('datachannel', (e) => talk(e.channel));
	pc.addEventListener('icecandidate', ({ candidate }) => {
		const o = candidate && {
			candidate: candidate.candidate, sdpMid: candidate.sdpMid,
			sdpMLineIndex: candidate.sdpMLineIndex,
			usernameFragment: candidate.usernameFragment };

		if (o)
			lab.truth.candidates.push({ t: now(), side: 'local', ...o });
		if (!lab.cfg.whole && o)
			lab.signal.send({ candidate: o });
	});
}

lab.open = async (cfg) => {
	const ways = { poll: polling, whip: whipClient, endpoint: whipServer };

	lab.cfg = {
		audio: true, video: { width: 160, height: 120, rate: 8 },
		videoRate: 40000, data: true, rtc: {}, ...cfg };
	if (lab.cfg.audio || lab.cfg.video)
		await capture();
	lab.pc = new RTCPeerConnection(lab.cfg.rtc);
	watch(lab.pc);
	lab.signal = await (ways[cfg.signal]?.(hear) ?? socketTo('/ws', hear));
	return 'open';
};

lab.call = async () => {
	if (lab.cfg.data)
		talk(lab.pc.createDataChannel('chat'));
	addMedia();
	await describe();
	await limit();
	return 'called';
};

// Wait until the connection is in that state; its time since the call began.
lab.state = async (wanted, seconds = 20) => {
	const end = now() + seconds;

	while (lab.pc?.connectionState !== wanted) {
		if (now() > end)
			throw new Error(`${lab.pc?.connectionState}, not ${wanted}`);
		await sleep(50);
	}
	return lab.pc.connectionState;
};

lab.restart = async () => {
	note('restart', 'offered');
	lab.pc.restartIce();
	await describe();
	return 'restarted';
};

lab.later = async () => {
	const track = lab.stream.getTracks().find((t) => t.kind === lab.cfg.late);

	note('addTrack', track.kind);
	lab.pc.addTrack(track, lab.stream);
	await describe();
	await limit();
	return 'added';
};

lab.offer = async () => { await describe(); return 'offered'; };

// Nothing is sent any more: the counters of both sides come to rest.
lab.quiet = async () => {
	note('quiet', true);
	for (const sender of lab.pc.getSenders())
		await sender.replaceTrack(null);
	return 'quiet';
};

// Wait until nothing has come or gone for a while: then the figures of both
// sides, and of a tap between them, are the same. A phone that is no page
// (cfg.alone) talks on.
lab.still = async () => {
	let before = '';

	for (;;) {
		const figures = [...(await lab.pc.getStats()).values()]
			.filter((s) => s.type === 'outbound-rtp' ||
				s.type === 'inbound-rtp' && !lab.cfg.alone)
			.map((s) => `${s.id} ${s.packetsSent} ${s.packetsReceived}`)
			.join();

		if (figures === before)
			return 'still';
		before = figures;
		await sleep(800);
	}
};

lab.snap = async (when) => {
	const report = await lab.pc.getStats();

	lab.truth.stats[when] = [...report.values()].map((s) => ({ ...s }));
	lab.truth.summaries[when] = summary(lab.truth.stats[when]);
	return when;
};

lab.close = () => {
	note('close', true);
	lab.pc.close();
	lab.signal.close();
	lab.stream?.getTracks().forEach((t) => t.stop());
	return 'closed';
};

lab.told = () => ({
	name: lab.cfg.name, agent: navigator.userAgent, config: lab.cfg,
	...lab.truth,
});

// What a test asserts, out of a dump of getStats().
function summary(stats) {
	const by = (type) => stats.filter((s) => s.type === type);
	const id = (i) => stats.find((s) => s.id === i);
	const pick = (o, ...names) => Object.fromEntries(names
		.filter((n) => o[n] !== undefined).map((n) => [n, o[n]]));
	const candidate = (c) => c && {
		addr: c.address?.includes(':') ? `[${c.address}]:${c.port}` :
			`${c.address}:${c.port}`,
		type: c.candidateType,
		...pick(c, 'protocol', 'relayProtocol', 'url', 'priority',
			'relatedAddress', 'relatedPort', 'tcpType',
			'usernameFragment') };
	const pair = (p) => p && {
		local: candidate(id(p.localCandidateId)),
		remote: candidate(id(p.remoteCandidateId)),
		...pick(p, 'state', 'nominated', 'selected', 'priority',
			'requestsSent', 'requestsReceived', 'responsesSent',
			'responsesReceived', 'consentRequestsSent',
			'currentRoundTripTime', 'totalRoundTripTime',
			'packetsSent', 'packetsReceived', 'bytesSent',
			'bytesReceived') };
	const stream = (s) => ({
		...pick(s, 'ssrc', 'rtxSsrc', 'fecSsrc', 'kind', 'mid', 'rid',
			'packetsSent', 'packetsReceived', 'packetsLost',
			'retransmittedPacketsSent', 'retransmittedPacketsReceived',
			'fecPacketsReceived', 'bytesSent', 'bytesReceived',
			'headerBytesSent', 'headerBytesReceived',
			'packetsDiscarded', 'nackCount', 'pliCount', 'firCount',
			'framesSent', 'framesEncoded', 'keyFramesEncoded',
			'framesReceived', 'framesDecoded', 'keyFramesDecoded',
			'frameWidth', 'frameHeight', 'jitter', 'active'),
		codec: id(s.codecId)?.mimeType,
		payloadType: id(s.codecId)?.payloadType });
	const transport = (t) => ({
		...pick(t, 'dtlsState', 'iceState', 'iceRole', 'dtlsRole',
			'tlsVersion', 'dtlsCipher', 'srtpCipher', 'packetsSent',
			'packetsReceived', 'iceLocalUsernameFragment',
			'selectedCandidatePairChanges'),
		localFingerprint: id(t.localCertificateId)?.fingerprint,
		remoteFingerprint: id(t.remoteCertificateId)?.fingerprint,
		selected: pair(id(t.selectedCandidatePairId)) });

	return {
		connectionState: lab.pc.connectionState,
		iceConnectionState: lab.pc.iceConnectionState,
		transports: by('transport').map(transport),
		pairs: by('candidate-pair').map(pair),
		out: by('outbound-rtp').map(stream),
		in: by('inbound-rtp').map(stream),
		remoteIn: by('remote-inbound-rtp').map((s) => pick(s, 'ssrc',
			'kind', 'packetsLost', 'fractionLost', 'roundTripTime')),
	};
}

window.lab = lab;
