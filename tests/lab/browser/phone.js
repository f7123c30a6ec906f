// The page as a SIP phone (JsSIP): the same window.lab, other signalling.
// cfg.socket is the WebSocket of the proxy, cfg.user who registers there.
/* global JsSIP, lab, note, sleep, capture, watch, limit, described */
'use strict';

function session({ session: s, originator }) {
	lab.session = s;
	// The caller has its connection before this event.
	const take = ({ peerconnection }) => {
		lab.pc = peerconnection;
		watch(lab.pc);
	};

	s.on('peerconnection', take);
	if (s.connection)
		take({ peerconnection: s.connection });
	s.on('sdp', ({ originator: who, type, sdp }) =>
		described(who, { type, sdp }));
	for (const event of ['progress', 'accepted', 'confirmed', 'ended', 'failed'])
		s.on(event, (e) => note(event, e?.cause ?? null));
	s.on('confirmed', () => limit());
	if (originator === 'remote')
		s.answer({ mediaStream: lab.stream, pcConfig: lab.cfg.rtc });
}

lab.open = async (cfg) => {
	lab.cfg = {
		audio: true, video: false, videoRate: 40000, rtc: {},
		whole: true, ...cfg };
	await capture();
	lab.signal = { send() {}, close: () => lab.agent.stop() };
	lab.agent = new JsSIP.UA({
		sockets: [new JsSIP.WebSocketInterface(lab.cfg.socket)],
		uri: `sip:${lab.cfg.user}@lab.example`,
		password: `lab-${lab.cfg.user}`, session_timers: false });
	lab.agent.on('newRTCSession', session);
	return new Promise((done, fail) => {
		lab.agent.on('registered', () => done('registered'));
		lab.agent.on('registrationFailed', (e) => fail(new Error(e.cause)));
		lab.agent.start();
	});
};

lab.call = async (to) => {
	lab.agent.call(`sip:${to}@lab.example`,
		{ mediaStream: lab.stream, pcConfig: lab.cfg.rtc });
	return 'called';
};

lab.close = async () => {
	const { session: s } = lab;

	note('close', true);
	if (lab.cfg.ends && !s.isEnded())
		s.terminate();
	await sleep(300);
	lab.agent.stop();
	lab.stream.getTracks().forEach((t) => t.stop());
	return 'closed';
};
