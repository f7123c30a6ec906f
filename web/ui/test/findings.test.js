// Sentences about the samples, and about records changed for what no sample has.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { findings, tally } from '../src/call/findings.js';
import { headline, partyName, sideFigures } from '../src/call/headline.js';
import { longestRun, worstStretch } from '../src/call/findings_loss.js';
import { records, samplesWith, timelineOf } from './golden.js';

const clock = (t) => `${(t / 1000).toFixed(1)} s`;

function said(record, extra = {}) {
	return findings(record, { clock, ...extra }).map((f) =>
		`${f.severity} ${f.side ?? '-'} ${f.text}`);
}

/* [sample, which of its records, headline, sentences] */
const table = [
	['basic-call', 0, 'answered, 11 s, ended by caller (BYE)', []],
	['busy-486', 0, 'refused by callee: 486 Rejected', [
		'error b 10.77.0.3 answered 486 Rejected, 1.5 s after the INVITE.',
	]],
	['refused-480', 0, 'refused by callee: 480 Temporarily Unavailable, ' +
		'Q.850 19 no answer from the user', [
		'error b 10.77.0.3 answered 480 Temporarily Unavailable, 704 ms after the INVITE.',
	]],
	['cancel', 0, 'given up by caller after 2.0 s of ringing (CANCEL)', []],
	['no-bye', 0, 'answered, 4.0 s, then silence: no BYE seen', [
		'warning - Nobody sent a BYE, and no media after 4.0 s.',
	]],
	['already-up', 0, 'already up when the capture began, ended by caller (BYE)', [
		'notice - The capture began after this call: its beginning was not seen.',
	]],
	['still-up', 0, 'answered, still up 5.6 s later when the capture ended', [
		'notice - The capture ended before this call: its end was not seen.',
	]],
	['two-legs', 0, 'answered, 913 ms, ended by caller ' +
		'(BYE, Q.850 16 normal call clearing)', []],
	['auth-407', 0, 'answered, 5.1 s, ended by caller (BYE)', [
		'notice - 10.77.0.1 asked for a password (407); the INVITE was sent again.',
	]],
	['redirect-302', 0, 'answered, 3.1 s, ended by caller (BYE)', [
		'notice - 10.77.0.1 redirected the call (302); it was tried again.',
	]],
	['fork', 0, 'answered, 5.0 s, ended by caller (BYE)', [
		'notice - Forked to 2: 10.77.0.3 487, 10.77.0.4 200.',
	]],
	['retransmissions', 0, 'answered, 503 ms, ended by caller (BYE)', [
		'notice - 10.77.0.2 sent INVITE 2 times to 10.77.0.3, until 502 ms after the first.',
		'notice - 10.77.0.2 sent BYE 2 times to 10.77.0.3, until 504 ms after the first.',
	]],
	['two-links', 0, 'answered, 3.1 s, ended by caller (BYE)', [
		'notice - The tap shows 6 messages again within 1 ms: likely mirrored twice, as SIP ' +
			'waits 500 ms before it sends again.',
		'notice b The tap shows 157 packets of the callee\'s audio twice (the same ' +
			'datagram): mirrored twice, not sent twice.',
		'notice a The tap shows 156 packets of the caller\'s audio twice (the same ' +
			'datagram): mirrored twice, not sent twice.',
	]],
	['hold-resume', 0, 'answered, 8.5 s, ended by callee (BYE)', [
		'notice a Caller put the other side on hold (sendonly) at 2.0 s, for 2.0 s.',
		'notice b Callee put the other side on hold (sendonly) at 5.5 s, for 1.5 s.',
	]],
	['transfer', 0, 'answered, 3.1 s, ended by caller (BYE)', [
		'notice a Caller asked for a transfer (REFER) at 3.1 s.',
	]],
	['dtmf', 0, 'answered, 5.7 s, ended by caller (BYE)', [
		'notice a Caller pressed 1 5 0 * # 5 9 (rfc4733).',
	]],
	['dtmf-info', 0, 'answered, 2.8 s, ended by caller (BYE)', [
		'notice a Caller pressed 1 9 * # 0 4 (info).',
	]],
	['loss-burst', 0, 'answered, 11 s, ended by caller (BYE)', [
		'error a The caller\'s audio lost 7.3 % (40 of 549 packets), in runs of up to 8 ' +
			'packets (160 ms). The callee\'s RTCP reports 32 lost.',
		'warning a The caller\'s audio scores MOS 3.4 NB, its worst ten seconds 3.2 NB.',
	]],
	['loss-behind', 0, 'answered, 11 s, ended by caller (BYE)', [
		'error a The callee\'s RTCP reports 39 packets of the caller\'s audio lost (up to ' +
			'8.2 % of a report), the tap missed 0: lost behind the tap.',
	]],
	['ff-loss', 0, 'WebRTC session, 6.8 s, signalled by JSON, ICE connected in 16 ms, ' +
		'host – host (udp), closed', [
		'error a Side a\'s video lost 12.8 % (6 of 47 packets), one at a time. All of them ' +
			'were repaired (RTX, RED or FEC). Side b\'s RTCP reports 5 lost.',
		'error a Side a\'s audio lost 8.6 % (24 of 279 packets), in runs of up to 2 packets ' +
			'(40 ms). Side b\'s RTCP reports 14 lost.',
		'error a Side a\'s audio scores MOS 2.8 FB, its worst ten seconds 2.8 FB (values of ' +
			'the codec are assumed).',
	]],
	['nat-one-way', 0, 'answered, 5.2 s, ended by caller (BYE)', [
		'warning a The caller\'s audio comes from 10.77.0.2:12217, but the callee sends to ' +
			'192.168.77.5:11514: it did not follow the media (no symmetric RTP seen).',
	]],
	['ice-401', 0, 'answered, 3.1 s, ended by caller (BYE)', [
		'error b One-way audio: the tap saw no media from the callee.',
	]],
	['ice-fail', 0, 'answered, 9.1 s, ended by caller (BYE)', [
		'error - Answered both ways, but the tap saw no media at all.',
		'error - ICE failed: the one candidate pair that was tried got no answer.',
	]],
	['ice-relay', 0, 'answered, 9.6 s, ended by caller (BYE)', [
		'warning - The first media came 6.9 s after the answer.',
		'warning - ICE took 6.9 s from the first check to a connection.',
		'notice - Media goes through the relay of the caller and that of the callee: ' +
			'10.77.0.1:49152 – 10.77.0.1:49248.',
	]],
	['cc-fail', 0, 'WebRTC session, 15 s, signalled by JSON, ICE failed, failed', [
		'error - ICE failed: the one candidate pair that was tried was answered one way only ' +
			'(side a got no answer); 2 were not tried.',
	]],
	['cc-nat-sym', 0, 'WebRTC session, 15 s, signalled by JSON, ICE failed, failed', [
		'error - ICE failed: all 2 candidate pairs that were tried got no answer; 9 were not ' +
			'tried.',
		'warning - Both sides are behind NATs that map each destination anew, and nobody ' +
			'offered a relay: they cannot reach each other.',
		'notice - 192.168.77.5 is behind a NAT that maps each destination anew (symmetric), ' +
			'seen as 10.77.0.2:21344 (likely: two remotes compared).',
		'notice - 192.168.78.6 is behind a NAT that maps each destination anew (symmetric), ' +
			'seen as 10.77.0.3:46460 (likely: two remotes compared).',
	]],
	['cc-turn-forbidden', 0, 'WebRTC session, 108 ms, signalled by JSON, ICE failed, ' +
		'TURN allocation at 10.77.0.4, failed', [
		'error - ICE failed: the one candidate pair that was tried was refused by its relay ' +
			'with 403 Forbidden.',
		'warning - 10.77.0.4:3478 does not relay to 10.77.0.3: 403 Forbidden.',
	]],
	['turn-401', 0, 'TURN and nothing more, 9 ms, no TURN allocation ' +
		'(401 Unauthenticated), failed', [
		'error - 10.77.0.2:59270 got no TURN allocation from 10.77.0.1:3478: ' +
			'401 Unauthenticated.',
	]],
	['turn-486', 1, 'TURN and nothing more, 0 ms, no TURN allocation ' +
		'(486 Allocation Quota Reached), failed', [
		'error - 10.77.0.2:38123 got no TURN allocation from 10.77.0.1:3478: ' +
			'486 Allocation Quota Reached.',
	]],
	['dtls-roles', 0, 'answered, 12 ms, ended by caller (BYE)', [
		'error - The DTLS handshake that 10.77.0.3:11214 began was refused (alert ' +
			'unexpected_message): no SRTP keys, no media.',
		'warning - 10.77.0.3:11214 is the DTLS client, and is not the side that a=setup ' +
			'made active.',
	]],
	['dtls-stuck', 0, 'answered, 8.0 s, ended by caller (BYE)', [
		'error - Answered both ways, but the tap saw no media at all.',
		'error - The DTLS handshake that 10.77.0.3:10802 began was never finished (3 ' +
			'flights were sent again).',
	]],
	['dtls-retry', 0, 'answered, 6.1 s, ended by caller (BYE)', [
		'warning - The first media came 4.0 s after the answer.',
		'warning - The DTLS handshake took 4.0 s, 5 flights were sent again.',
	]],
	['dtls-forged', 0, 'answered, 28 ms, ended by callee (BYE)', [
		'error - A DTLS certificate is not the one that a=fingerprint promised: somebody is ' +
			'in between, or changed the description.',
	]],
	['sdes-wrong-key', 0, 'answered, 4.1 s, ended by caller (BYE)', [
		'error a The caller\'s audio is encrypted (SRTP, AES_CM_128_HMAC_SHA1_80), and the ' +
			'keys that are known open none of its packets.',
	]],
	['cc-one-way', 0, 'WebRTC session, 5.0 s, ICE connected (udp), still up when the ' +
		'capture ended', [
		'notice - Media is encrypted (SRTP, suite hidden) and there is no key here: it cannot ' +
			'be played, and its keys pressed and RTCP cannot be read.',
		'notice - DTLS 1.3 encrypts certificate and SRTP profile: without keys nobody can say ' +
			'whether the fingerprint fits.',
		'notice - The capture ended before this session: its end was not seen.',
	]],
];

for (const [name, which, head, sentences] of table) {
	test(`what is said of ${name}`, () => {
		const record = records(name)[which];

		assert.equal(headline(record), head);
		assert.deepEqual(said(record), sentences);
	});
}

test('no diagnosis is lost, and each evidence has a place', () => {
	for (const [name, record] of samplesWith(() => true)) {
		const found = findings(record, { clock });
		const codes = new Set(found.map((f) => f.code));

		for (const d of record.diagnoses)
			assert.ok(codes.has(d.code), `${name}: ${d.code}`);
		for (const e of found.flatMap((f) => f.evidence)) {
			assert.ok(e.label, `${name}: a label`);
			assert.ok(e.message === undefined || record.messages[e.message], name);
			assert.ok(e.stream === undefined || record.streams.some((s) =>
				s.stream_uid === e.stream), name);
			assert.ok(e.pair === undefined || record.ice[e.ice].pairs[e.pair], name);
			assert.ok(e.from === undefined || e.from <= e.to, `${name}: ${e.label}`);
		}
	}
});

function changed(name, change) {
	const record = structuredClone(records(name)[0]);

	change(record);
	return record;
}

test('an unknown diagnosis is shown with its own sentence', () => {
	const record = changed('basic-call', (r) => r.diagnoses.push({
		code: 'new-thing', severity: 'warning', side: 'callee', detail: 'something is new',
	}));

	assert.deepEqual(said(record), ['warning b Something is new.']);
});

test('a timeline says when losses were', () => {
	const record = records('loss-burst')[0];
	const [stream] = record.streams.filter((s) => s.lost > 0);
	const timeline = timelineOf([{ stream_uid: stream.stream_uid, codecs: [], losses: [
		{ t: 1000, lost: 4, ms: 80 }, { t: 2000, lost: 30, ms: 600 },
		{ t: 9000, lost: 6, ms: 120 },
	] }]);

	assert.match(said(record, { timeline })[0],
		/in runs of up to 8 packets \(160 ms\), 34 of them between 1\.0 s and 2\.6 s\./);
	assert.deepEqual(findings(record, { clock, timeline })[0].evidence[0].from, 1000);
});

test('RTCP that contradicts the tap: the tap lost the packets', () => {
	const record = records('loss-burst')[0];
	const [stream] = record.streams.filter((s) => s.lost > 0);
	const timeline = timelineOf([{ stream_uid: stream.stream_uid, codecs: [],
		losses: [{ t: 1000, lost: 40, ms: 800 }] }],
	{ rtcp: [{ t: 5000, type: 'RR', stream_uid: stream.stream_uid, lost: 1 }] });
	const [first] = findings(record, { clock, timeline });

	assert.equal(first.code === 'tap-loss' || first.code === 'mos', true);
	assert.ok(said(record, { timeline }).some((s) => s.includes('But the callee\'s RTCP ' +
		'reports only 1 lost of the 40 that the tap missed until then: the tap lost ' +
		'packets here.')));
});

test('late, missing and odd signalling', () => {
	assert.deepEqual(said(changed('basic-call', (r) => {
		r.pdd_ms = 8200;
	})), ['warning b The first ring came 8.2 s after the INVITE.']);
	assert.deepEqual(said(changed('basic-call', (r) => {
		r.ring = null;
	})), ['notice b Answered without a ring: there was no 18x before the 200.']);
	assert.deepEqual(said(changed('basic-call', (r) => {
		r.q850 = 38;
	})), ['warning - The BYE gave Q.850 cause 38 (network out of order).']);
	assert.deepEqual(said(changed('basic-call', (r) => {
		r.partial = 'gap';
	})), ['warning - The tap missed at least one message: an answer or an ACK proves that ' +
		'it was sent.']);
	assert.deepEqual(said(changed('basic-call', (r) => {
		r.diagnoses.push({ code: 'no-ack', severity: 'warning', side: 'caller', detail: 'x' });
	})), ['warning a The 200 was never acknowledged where the tap could see it.']);
});

test('an INVITE that nobody answered', () => {
	const record = changed('retransmissions', (r) => {
		Object.assign(r, { state: 'unanswered', status: null, answer: null, ring: null });
		r.messages = r.messages.slice(0, 2);
	});

	assert.equal(headline(record), 'the INVITE got no final response, and no CANCEL');
	assert.equal(said(record)[0], 'error - 10.77.0.3 gave no final response: the INVITE was ' +
		'sent 2 times in 502 ms.');
});

test('what was open when callscope stopped', () => {
	const stopped = (name, change = () => {}) => headline(changed(name, (r) => {
		r.state = 'interrupted';
		change(r);
	}));

	assert.equal(stopped('still-up'),
		'answered, 5.6 s seen until callscope stopped, never seen again');
	assert.equal(stopped('busy-486', (r) => {
		r.answer = null;
	}), 'being set up for 1.5 s when callscope stopped, never seen again');
	assert.equal(stopped('rtp-only').split(', ').slice(2).join(', '),
		'open when callscope stopped, never seen again');
});

test('media of unlike codecs, paused, jittery, slow', () => {
	const sentences = said(changed('basic-call', (r) => {
		r.b.codec = 'opus';
		const [b, a] = r.streams;

		b.jitter_ms = { mean: 12, max: 84 };
		b.delay_bins = [500, 10, 0, 0, 0, 0, 3, 4];
		a.delta_ms.max = 2300;
		a.rtcp.rtt_ms_mean = 412;
		a.rtcp.rtt_ms_max = 900;
		a.codecs.push({ payload_type: 0, codec: 'PCMU', clock_rate: 8000, packets: 9 });
	}));

	assert.deepEqual(sentences, [
		'warning b Jitter of the callee\'s audio rose to 84.0 ms (mean 12.0 ms); 7 packets ' +
			'came 200 ms and more late.',
		'warning - RTCP shows a round trip of 412 ms (up to 900 ms).',
		'notice a The caller\'s audio paused for 2.3 s and missed no number then: nothing ' +
			'was sent.',
		'notice a The caller\'s audio changed its codec: PCMA (551 packets), PCMU (9 ' +
			'packets).',
		'notice - The caller sends PCMA, the callee opus.',
	]);
});

test('what a relay in between does to media', () => {
	const record = changed('media-relay', (r) => {
		const far = r.streams.find((s) => s.hop === 2);

		far.codec = 'G729';
	});

	assert.ok(said(record).some((s) => /is PCM. before and G729 behind 10\.77\.\S+: transcoded/
		.test(s)), said(record).join('\n'));
});

test('another leg with another codec', () => {
	const record = records('basic-call')[0];
	const legs = [{ uid: 'this', a_codec: 'PCMA', b_codec: 'PCMA' },
		{ uid: 'that', a_codec: 'opus', b_codec: 'PCMA' }];
	const [found] = findings(record, { clock, legs, uid: 'this' });

	assert.equal(found.text, 'The caller\'s audio is PCMA here and opus in another leg: ' +
		'transcoded in between.');
	assert.deepEqual(found.evidence, [{ label: 'legs side by side', leg: 'that' }]);
});

test('a peer that follows the media behind a NAT', () => {
	const record = records('basic-call')[0];
	const descriptions = [{ side: 'a', fromText: true, message: 0, media: [
		{ kind: 'audio', rejected: false, address: '192.168.1.7:11786' }] }];

	assert.deepEqual(said(record, { descriptions }), [
		'notice a The caller announced 192.168.1.7:11786, its audio comes from ' +
			'10.77.0.2:11786, and 10.77.0.3 answers there (NAT, symmetric RTP).',
	]);
});

test('the capture is honest about itself', () => {
	const record = records('basic-call')[0];
	const timeline = timelineOf([], { source: 'slices', why: 'the packets were not recorded',
		truncated: true });

	assert.deepEqual(said(record, { timeline }), [
		'notice - The packets were not recorded.',
		'notice - The call is too long for all of its packets: the charts show a part.',
	]);
});

test('runs and stretches of losses', () => {
	assert.equal(longestRun({ loss_runs: [3, 0, 2, 0, 0, 0, 0, 0, 0, 0] }), 3);
	assert.equal(longestRun({ loss_runs: new Array(10).fill(0) }), 0);
	assert.equal(worstStretch([]), null);
	assert.deepEqual(worstStretch([{ t: 0, lost: 1, ms: 20 }, { t: 9000, lost: 2, ms: 40 },
		{ t: 9500, lost: 1, ms: 20 }]), { from: 9000, to: 9520, lost: 3 });
});

test('names and figures of the head line', () => {
	const call = records('basic-call')[0];
	const session = records('cc-relay')[0];

	assert.deepEqual([partyName(call, 'a'), partyName(call, 'b')], ['alice', 'bob']);
	assert.deepEqual([partyName(session, 'a'), partyName(session, 'b')],
		['10.77.0.2', '10.77.0.3']);
	assert.deepEqual(sideFigures(call, 'a'), { codec: 'PCMA', mos: 4.409, scale: 'NB',
		loss: '0', lossPct: 0, jitter: 1.214 });
	assert.equal(sideFigures(records('busy-486')[0], 'a'), null);
	assert.deepEqual(tally(findings(records('dtls-roles')[0], { clock })),
		{ error: 1, warning: 1, notice: 0 });
});
