import test from 'node:test';
import assert from 'node:assert/strict';
import {
	codecText, compareViews, dscpText, isRepair, mosTitle, orderStreams, partialText,
	peerView, repairText, shownFirst, sourceText, srtpText, videoText,
} from '../src/call/stream_rows.js';
import { delayBars, hasLate, hasRuns, lossRunBars } from '../src/call/histogram.js';
import {
	inRange, longestRun, lossSummary, markHeight, runAt, runText,
} from '../src/call/losses.js';
import { lanesOf, markAt, setupRange } from '../src/call/checks.js';
import { unixMs } from '../src/call/time.js';
import { records, samplesWith, timelineOf } from './golden.js';

test('every stream of every sample is written without holes', () => {
	for (const [name, r] of samplesWith((s) => s.streams.length > 0))
		for (const s of r.streams) {
			const text = [codecText(s), srtpText(s), repairText(s), videoText(s),
				dscpText(s.dscp), mosTitle(s.mos), compareViews(s)].join(' ');

			assert.doesNotMatch(text, /undefined|NaN/, `${name}: ${text}`);
		}
});

test('a before b, audio before video, repair behind what it repairs', () => {
	const order = orderStreams(records('cc-loss')[0].streams);

	assert.deepEqual(order.slice(0, 2).map((s) => [s.media, s.sender]),
		[['audio', 'a'], ['audio', 'b']]);
	assert.ok(order.slice(2).every((s) => s.media !== 'audio'));
	assert.ok(isRepair(order.at(-1)));
});

test('charts begin with the audio of both sides', () => {
	const [call] = records('loss-burst');

	assert.deepEqual(shownFirst(call), [call.a.stream_uid, call.b.stream_uid]);
	assert.equal(shownFirst(records('sip-tcp')[0]).length, 2);
	assert.deepEqual(shownFirst(records('busy-486')[0]), []);
});

test('what the peer saw beside what the tap saw', () => {
	const behind = records('loss-behind')[0].streams.map(compareViews)
		.filter(Boolean);

	assert.ok(behind.some((t) => /lost behind it/.test(t)), behind.join());
	assert.ok(records('loss-rtcp')[0].streams.some(peerView));
	assert.equal(peerView(records('cc-restart')[0].streams[0]), null);
});

test('codes and scores', () => {
	assert.equal(dscpText(46), '46 EF');
	assert.equal(dscpText(34), '34 AF41');
	assert.equal(dscpText(0), '0 best effort');
	assert.equal(dscpText(3), '3');
	assert.equal(dscpText(null), null);
	assert.match(mosTitle(records('loss-burst')[0].a.mos),
		/^NB by ITU-T G\.107: fixed 50 ms 3\.44.*worst 10 s 3\.2/);
	assert.match(srtpText({ srtp: 'unknown', key_state: 'missing' }),
		/^SRTP: encrypted, no key$/);
	assert.equal(srtpText({ srtp: null, key_state: null }), 'RTP');
});

test('what a partial capture and slices mean', () => {
	assert.equal(partialText({ partial: null }), null);
	assert.match(partialText({ partial: 'gap' }), /tap lost packets here/);
	assert.equal(sourceText(timelineOf([])), null);
	assert.match(sourceText(timelineOf([], { source: 'slices' })), /10 seconds/);
	assert.match(sourceText(timelineOf([], { source: 'none', why: 'Gone.' })), /^Gone/);
});

test('histograms have the record\'s counts', () => {
	const lossy = records('loss-burst')[0].streams.find((s) => s.lost > 0);
	const total = lossRunBars(lossy).reduce((n, b, i) =>
		n + (i < 9 ? b.count * (i + 1) : 0), 0);

	assert.ok(hasRuns(lossy));
	assert.ok(total > 0 && total <= lossy.lost);
	assert.equal(lossRunBars(lossy).length, 10);
	const late = records('jitter')[0].streams.find(hasLate);

	assert.ok(!late || delayBars(late).some((b) => !b.apart && b.part === 1));
	assert.equal(delayBars({ delay_bins: [500, 0, 0, 0, 0, 0, 0, 0] })[0].part, 1);
});

test('the burst map', () => {
	const losses = [{ t: 100, lost: 1, ms: 20 }, { t: 900, lost: 12, ms: 240 },
		{ t: 950, lost: 2, ms: 40 }];

	assert.equal(longestRun([{ losses }]), 12);
	assert.equal(longestRun([{ losses: [] }]), 10);
	assert.equal(markHeight(1, 12, 40), 3);
	assert.equal(markHeight(12, 12, 40), 40);
	assert.equal(runAt(losses, 940, 20).lost, 12);
	assert.equal(runAt(losses, 110, 5).lost, 1);
	assert.equal(runAt(losses, 500, 50), null);
	assert.equal(inRange(losses, [0, 500]).length, 1);
	assert.equal(inRange(losses, [1000, 2000]).length, 1);
	assert.equal(runText(losses[1]), '12 packets in a row (240 ms)');
	assert.equal(lossSummary(losses), '15 packets lost in 3 runs, the longest ' +
		'12 packets in a row (240 ms)');
	assert.equal(lossSummary([]), 'no packet lost');
});

test('lanes of checks, DTLS and first media', () => {
	const [call] = records('ice-relay');
	const startMs = unixMs(call.start);
	const checks = [
		{ t: 10, ice: 0, pair: 3, dir: 'ab', kind: 'request', use_candidate: true },
		{ t: 12, ice: 0, pair: 3, dir: 'ba', kind: 'response' },
		{ t: 5, ice: 0, pair: 0, dir: 'ab', kind: 'error', code: 487 },
		{ t: 5, ice: 1, pair: 0, dir: 'ab', kind: 'request' },
	];
	const lanes = lanesOf(call, 0, timelineOf([], { checks }), startMs);
	const selected = lanes.find((l) => l.pair === 3);

	assert.deepEqual(selected.marks.map((m) => m.kind), ['nomination', 'answer']);
	assert.ok(selected.selected);
	assert.match(lanes.find((l) => l.pair === 0).marks[0].text, /487 \(role conflict\)/);
	assert.equal(lanes.find((l) => l.pair === 0).marks.length, 1);
	assert.ok(lanes.find((l) => l.pair === 1).marks.length >= 1);
	assert.deepEqual(lanes.find((l) => l.id === 'media').marks.map((m) => m.side).sort(),
		['a', 'b']);
	assert.equal(markAt(selected, 11.5, 3).kind, 'answer');
	assert.equal(markAt(selected, 100, 3), null);
	const [from, to] = setupRange(lanes);

	assert.ok(from < 5 && to > 12);
	assert.equal(setupRange([]), null);
	assert.deepEqual(setupRange([{ pair: 0, marks: [{ t: 1000 }, { t: 1100 }] },
		{ pair: null, marks: [{ t: 10 }] }]), [990, 1110]);
});
