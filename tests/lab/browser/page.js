// One end of a call, driven from outside (pages.mjs) through window.lab:
// open, call, up, then what the scenario wants, and quiet, snap, close. All
// that the browser knows of the call is kept and read by lab.told() at the end.
// ways.js has the ways to the other side, figures.js the sense of getStats().
/* global socketTo, polling, whipClient, whipServer, summary */
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

window.lab = lab;
