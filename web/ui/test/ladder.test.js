import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { dialogOf, filterOf, hopOf, ladderLayout, laneTitle, layoutTogether, methodsOf,
	neighbour, openOf } from '../src/call/ladder_layout.js';
import { relative, spoken, timeColumn } from '../src/call/ladder_text.js';
import { records, samplesWith, timelineOf } from './golden.js';

function drawn(layout, kind) {
	return layout.rows.filter((r) => r.kind === kind);
}

function arrows(layout) {
	return drawn(layout, 'message').map((r) =>
		`${r.from}${r.to > r.from ? '→' : '←'}${r.to} ${r.label}`);
}

test('lanes are hosts by first use, with what they are', () => {
	const layout = ladderLayout(records('fork')[0]);

	assert.deepEqual(layout.lanes.map((l) => `${l.key} ${laneTitle(l)}`), [
		'10.77.0.2 caller alice', '10.77.0.1 proxy', '10.77.0.3 callee',
		'10.77.0.4 callee bob',
	]);
});

test('a relay stands between the two ends', () => {
	assert.deepEqual(ladderLayout(records('cc-turn-fallback')[0]).lanes.map(laneTitle),
		['side a', 'relay', 'side b']);
	assert.deepEqual(ladderLayout(records('ice-relay')[0]).lanes.map(laneTitle),
		['caller alice', 'relay', 'callee bob']);
	assert.deepEqual(ladderLayout(records('nat-one-way')[0]).lanes.map(laneTitle),
		['caller alice', 'only receives', 'callee bob']);
});

test('arrows of a plain call, media in between, a break where nothing was said', () => {
	const layout = ladderLayout(records('basic-call')[0]);

	assert.deepEqual(arrows(layout), ['0→1 INVITE', '1←0 180 Ringing',
		'1←0 200 OK', '0→1 ACK', '0→1 BYE', '1←0 200 OK']);
	assert.deepEqual(layout.rows.map((r) => r.kind), ['message', 'message', 'message',
		'message', 'media', 'gap', 'end', 'message', 'message']);
	const [media] = drawn(layout, 'media');

	assert.deepEqual([media.label, media.loss, media.both, media.streams.length],
		['RTP PCMA', '0│0 % lost', true, 2]);
	assert.equal(media.yEnd, drawn(layout, 'end')[0].y);
	assert.deepEqual(drawn(layout, 'message').map((r) => r.sdp),
		[true, false, true, false, false, false]);
});

test('rows stand below one another, and time and place are one to one', () => {
	for (const [name, record] of samplesWith(() => true)) {
		const { rows, yOf, tOf, height } = ladderLayout(record);

		rows.slice(1).forEach((row, i) => {
			assert.ok(row.y > rows[i].y, `${name}: y grows`);
			assert.ok(row.t >= rows[i].t, `${name}: t grows`);
		});
		for (const row of rows.filter((r) => r.kind === 'message'))
			assert.ok(Math.abs(tOf(row.y) - row.t) < 0.001, `${name}: t of y`);
		if (rows.length > 1)
			assert.ok(yOf(rows[0].t) <= yOf(rows.at(-1).t) && yOf(1e12) < height, name);
	}
});

test('every message of every sample is drawn', () => {
	for (const [name, record] of samplesWith((r) => r.messages.length > 0))
		assert.equal(drawn(ladderLayout(record), 'message').length, record.messages.length,
			name);
});

test('retransmissions, hops and dialogs', () => {
	const again = ladderLayout(records('retransmissions')[0]);
	const fork = records('fork')[0];

	assert.deepEqual(drawn(again, 'message').filter((r) => r.retransmission)
		.map((r) => r.index), [1, 6]);
	assert.deepEqual([0, 2, 5, 14].map((i) => hopOf(fork, i)), [1, 2, 2, 2]);
	assert.deepEqual([0, 2, 3, 4, 6, 10, 14].map((i) => dialogOf(fork, i)),
		[null, 0, 1, 0, 1, 0, 1]);
	/* The tags of its text tell what its addresses do not. */
	assert.equal(dialogOf(fork, 5, () => ({ from: 'db617cfca6daae6a',
		to: '4908ef9479054960' })), 0);
});

test('filters leave messages alone, and of these what they ask for', () => {
	const record = records('fork')[0];
	const only = (query) => ladderLayout(record, { filter: filterOf(query) });

	assert.deepEqual(only({ method: 'CANCEL' }).rows.map((r) => r.index), [10, 12]);
	assert.deepEqual(drawn(only({ dialog: '1' }), 'message').map((r) => r.index)
		.filter((i) => dialogOf(record, i) === 1), []);
	assert.equal(only({ dialog: '1' }).rows.some((r) => r.kind === 'media'), false);
	assert.deepEqual(methodsOf(record), [['INVITE', 11], ['CANCEL', 2], ['ACK', 3],
		['BYE', 4]]);
});

test('what folds is one row until it is opened', () => {
	const record = records('cc-turn-fallback')[0];
	const closed = ladderLayout(record);
	const opened = ladderLayout(record, { open: openOf({ open: 'ice0,turn0' }) });

	assert.deepEqual(drawn(closed, 'check'), []);
	assert.deepEqual(drawn(closed, 'ice').map((r) => [r.label, r.count, r.open]),
		[['ICE connected in 60 ms, 3 pairs tried', 3, false]]);
	assert.deepEqual(drawn(opened, 'check').map((r) => r.label), [
		'host – host failed', 'permission for 10.77.0.3', 'relay – host succeeded',
		'channel 0x4000 to 10.77.0.3:42097', 'permission for 10.77.0.4',
		'host – relay succeeded, selected', 'allocation given back',
	]);
});

test('with a timeline ICE opens into its checks, and DTLS into its messages', () => {
	const record = records('dtls-call')[0];
	const timeline = timelineOf([], {
		checks: [{ t: 5, ice: 0, pair: 0, dir: 'ab', kind: 'request', use_candidate: true },
			{ t: 6, ice: 0, pair: 0, dir: 'ab', kind: 'response' },
			{ t: 7, ice: 0, pair: 0, dir: 'ba', kind: 'error', code: 487 }],
		dtls: [{ t: 8, dtls: 0, what: 'ClientHello' }, { t: 9, dtls: 0, what: 'ServerHello' }],
	});
	const layout = ladderLayout(record, { timeline, open: new Set(['ice0', 'dtls0']) });
	const checks = drawn(layout, 'check');

	assert.deepEqual(checks.map((r) => r.label), ['Binding USE-CANDIDATE', 'Binding answer',
		'Binding 487', 'ClientHello', 'ServerHello']);
	assert.deepEqual([checks[1].from, checks[1].to, checks[2].from],
		[checks[0].to, checks[0].from, checks[0].from]);
	assert.deepEqual([checks[3].from, checks[3].to], [checks[4].to, checks[4].from]);
	assert.deepEqual(checks.map((r) => r.bad), [false, false, true, false, false]);
});

test('a session without messages has its offers and answers', () => {
	const layout = ladderLayout(records('cc-fail')[0]);

	assert.deepEqual(drawn(layout, 'offer').map((r) => [r.label, r.from, r.to]),
		[['SDP offer', 0, 1], ['SDP answer', 1, 0]]);
});

test('two agents on one host have a lane each', () => {
	const record = structuredClone(records('basic-call')[0]);

	record.messages.forEach((m) => {
		m.src = m.src.replace('10.77.0.3:5060', '10.77.0.2:5070');
		m.dst = m.dst.replace('10.77.0.3:5060', '10.77.0.2:5070');
	});
	record.callee.addr = '10.77.0.2:5070';
	record.streams = [];
	const layout = ladderLayout(record);

	assert.deepEqual(layout.lanes.map((l) => l.key), ['10.77.0.2:5060',
		'10.77.0.2:5070']);
	assert.equal(drawn(layout, 'message').every((r) => r.from !== r.to), true);
});

test('two legs have one axis', () => {
	const [one, other] = records('two-legs');
	const both = layoutTogether([{ record: one }, { record: other, shift: 116.369 }]);

	assert.deepEqual(both.ladders.map((l) => l.rows.filter((r) => r.kind === 'message').length),
		[11, 11]);
	assert.equal(new Set(both.rows.map((r) => r.y)).size, both.rows.length);
	assert.ok(both.ladders[1].rows[0].y > both.ladders[0].rows[1].y);
});

test('five hundred messages', () => {
	const record = structuredClone(records('basic-call')[0]);
	const [invite] = record.messages;

	record.messages = Array.from({ length: 500 }, (_, i) => ({ ...invite, cseq: i,
		time: new Date(Date.parse(record.start) + i * 10).toISOString() }));
	assert.equal(drawn(ladderLayout(record), 'message').length, 500);
});

test('going through what is drawn', () => {
	const { rows } = ladderLayout(records('basic-call')[0]);

	assert.equal(neighbour(rows, null, 1), 0);
	assert.equal(neighbour(rows, null, -1), 5);
	assert.equal(neighbour(rows, 3, 1), 4);
	assert.equal(neighbour(rows, 5, 1), 5);
	assert.equal(neighbour([], null, 1), null);
});

test('what was refused has no time of its own', () => {
	const { rows } = ladderLayout(records('turn-401')[0]);

	assert.deepEqual(rows.map((r) => r.label), ['TURN refused: 401 Unauthenticated']);
	assert.deepEqual(timeColumn(rows, 'rel', 0), [null]);
});

test('the column of times', () => {
	const { rows, lanes } = ladderLayout(records('basic-call')[0]);
	const texts = (mode) => timeColumn(rows, mode, Date.UTC(2026, 10, 23, 1, 18, 23, 846))
		.filter(Boolean).map((t) => t.text);

	assert.deepEqual(texts('rel'), ['+0 ms', '+0.6 ms', '+3.1 ms', '+5.2 ms', '+7.2 ms',
		'+11.015 s', '+11.015 s']);
	assert.deepEqual(texts('delta'), ['+0 ms', '+0.6 ms', '+2.5 ms', '+2.1 ms', '+2.0 ms',
		'+11.008 s', '+0.2 ms']);
	assert.deepEqual([-12.34, 999, 1000, 61500, 3600000].map(relative),
		['−12 ms', '+999 ms', '+1.000 s', '+1:01.500', '+60:00.000']);
	assert.equal(spoken(rows[0], lanes, 'INVITE (SDP) 48945'), 'INVITE (SDP) 48945, ' +
		'10.77.0.2 to 10.77.0.3, +0 ms, CSeq 48945 INVITE (with SDP)');
});
