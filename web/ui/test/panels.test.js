import test from 'node:test';
import assert from 'node:assert/strict';
import {
	align, nearestAt, panelData, panels, pointsOf, sinceCall, thin, valueAt, yRange,
} from '../src/call/panels.js';
import { tapLosses, tapLossText } from '../src/call/tap_losses.js';
import { ticks, timeLabel, tOf, xOf, GUTTER } from '../src/call/axis.js';
import { timelineOf } from './golden.js';

const stream = (uid, t, values) => ({
	stream_uid: uid, sender: 'a', t, mos: values, loss_pct: values,
	jitter_ms: values, losses: [], codecs: [], dscp: [],
});

test('a step that is missing is a gap', () => {
	assert.deepEqual(pointsOf([0, 1000, 4000], [1, 2, 3], 1000),
		[[0, 1], [1000, 2], [2000, 2], [2001, null], [4000, 3], [5000, 3]]);
});

test('a value that is null is a gap', () => {
	assert.deepEqual(pointsOf([0, 1000], [1, null], 1000), [[0, 1], [1000, null], [2000, null]]);
});

test('columns are aligned; moments of others are undefined, gaps null', () => {
	const [x, a, b] = align([[[0, 1], [1000, null], [2000, 3]], [[500, 7]]]);

	assert.deepEqual(x, [0, 500, 1000, 2000]);
	assert.deepEqual(a, [1, undefined, null, 3]);
	assert.deepEqual(b, [undefined, 7, undefined, undefined]);
});

test('a panel has a series for each stream with values, and RTCP points', () => {
	const loss = panels.find((p) => p.id === 'loss');
	const timeline = timelineOf([], { rtcp: [
		{ t: 700, stream_uid: 'A', fraction_lost_pct: 2.5, jitter_ms: null },
		{ t: 900, stream_uid: 'B', fraction_lost_pct: 9 },
	] });
	const { data, series } = panelData(loss, timeline,
		[stream('A', [0, 1000], [0, 5]), stream('C', [0], [null])]);

	assert.deepEqual(series.map((s) => [s.stream.stream_uid, s.rtcp]),
		[['A', false], ['A', true]]);
	assert.deepEqual(data, [[0, 700, 1000, 2000], [0, undefined, 5, 5],
		[undefined, 2.5, undefined, undefined]]);
});

test('a report without a value is no point', () => {
	const jitter = panels.find((p) => p.id === 'jitter');
	const timeline = timelineOf([], {
		rtcp: [{ t: 1, stream_uid: 'A', jitter_ms: null }],
	});

	assert.equal(panelData(jitter, timeline, [stream('A', [0], [1])]).series.length, 1);
});

test('what is under the cursor', () => {
	const x = [0, 500, 1000, 2000, 5000];
	const column = [1, undefined, 2, null, 4];

	assert.equal(valueAt(x, column, 999, 1000), 1);
	assert.equal(valueAt(x, column, 1200, 1000), 2);
	assert.equal(valueAt(x, column, 2500, 1000), null);
	assert.equal(valueAt(x, column, 4000, 1000), null);
	assert.equal(valueAt(x, column, -1, 1000), null);
	assert.equal(nearestAt(x, column, 1100, 300), 2);
	assert.equal(nearestAt(x, column, 3400, 300), null);
});

test('worst values survive thinning, and gaps too', () => {
	const points = Array.from({ length: 10000 }, (_, i) => [i, 1]);

	points[7777][1] = 99;
	points[123][1] = null;
	const high = thin(points, 500, 'high');

	assert.ok(high.length <= 1000);
	assert.ok(high.some(([t, v]) => t === 7777 && v === 99));

	points[7777][1] = 0.1;
	assert.ok(thin(points, 500, 'low').some(([t, v]) => t === 7777 && v === 0.1));

	const half = Array.from({ length: 1000 }, (_, i) => [i, i < 500 ? 1 : null]);

	assert.ok(thin(half, 10, 'high').some(([, v]) => v === null));
	assert.equal(thin([[0, 1]], 10, 'high').length, 1);
});

test('noise does not look like a mountain', () => {
	const jitter = panels.find((p) => p.id === 'jitter');

	assert.deepEqual(yRange(jitter, 0.1, 0.3), [0, 5.75]);
	assert.ok(yRange(jitter, 0, 100)[1] >= 100);
	assert.deepEqual(yRange(panels[0], 4, 4.4), [1, 5]);
});

test('one axis: pixels and moments, ticks and labels', () => {
	const range = [1000, 11000], width = 1000 + GUTTER.left + GUTTER.right;

	assert.equal(xOf(1000, range, width), GUTTER.left);
	assert.equal(xOf(11000, range, width), GUTTER.left + 1000);
	assert.equal(tOf(xOf(4321, range, width), range, width), 4321);
	assert.equal(tOf(-50, range, width), 1000);

	const { step, at } = ticks(range, width);

	assert.equal(step, 1000);
	assert.deepEqual([at[0], at.at(-1), at.length], [1000, 11000, 11]);
	assert.equal(timeLabel(5000, 1000), '0:05');
	assert.equal(timeLabel(3723000, 1000), '1:02:03');
	assert.equal(timeLabel(5250, 50), '0:05.250');
	assert.equal(timeLabel(-250, 50), '-0:00.250');
});

test('what the tap lost and the receiver has', () => {
	const stream = { stream_uid: 'A', duplicates: 0, duplicates_tap: 0 };
	const part = { t: [0], losses: [{ t: 1000, lost: 2 }, { t: 6000, lost: 40 },
		{ t: 9950, lost: 5 }] };
	const rr = (t, lost) => ({ t, lost, type: 'RR', stream_uid: 'A' });

	assert.deepEqual(tapLosses(stream, part, [rr(5000, 2), rr(10000, 2), rr(15000, 7)]),
		[{ from: 5000, to: 10000, packets: 40 }]);
	assert.deepEqual(tapLosses(stream, part, [rr(5000, 2), rr(10000, 45)]), []);
	assert.deepEqual(tapLosses({ ...stream, duplicates: 9 }, part, [rr(10000, 2)]), []);
	assert.match(tapLossText([{ packets: 40 }]), /tap lost packets here.* 40 /);
	assert.equal(tapLossText([]), null);
});

test('moments count from the call\'s start, wherever the server\'s begin', () => {
	const timeline = timelineOf([{ ...stream('A', [0, 10000], [1, 2]),
		losses: [{ t: 5, lost: 1 }] }],
	{ start: '2026-11-23T01:29:30.000000Z', rtcp: [{ t: 7000, lost: 0 }] });
	const startMs = Date.parse('2026-11-23T01:29:34.500Z');
	const moved = sinceCall(timeline, startMs);

	assert.deepEqual(moved.streams[0].t, [-4500, 5500]);
	assert.equal(moved.streams[0].losses[0].t, -4495);
	assert.equal(moved.rtcp[0].t, 2500);
	assert.equal(sinceCall(timeline, Date.parse('2026-11-23T01:29:30Z')), timeline);
});

test('slices have the greatest jitter only: it is shown', () => {
	const jitter = panels.find((p) => p.id === 'jitter');
	const slices = { ...stream('A', [0], [null]), jitter_ms_max: [7] };

	assert.deepEqual(panelData(jitter, timelineOf([]), [slices]).data, [[0, 1000], [7, 7]]);
});
