import test from 'node:test';
import assert from 'node:assert/strict';

import { clampRange, createTime, sinceStart, unixMs } from '../src/call/time.js';

test('a range stays inside of the call', () => {
	assert.deepEqual(clampRange([0, 1000], -50, 200), [0, 250]);
	assert.deepEqual(clampRange([0, 1000], 900, 1200), [700, 1000]);
	assert.deepEqual(clampRange([0, 1000], 400, 300), [300, 400]);
	assert.deepEqual(clampRange([0, 1000], -9, 9999), [0, 1000]);
	assert.deepEqual(clampRange([0, 1000], 5, 5), [5, 6]);
});

test('listeners hear what changed, and only then', () => {
	const time = createTime({ startMs: 0, durationMs: 1000 });
	const heard = [];
	const stop = time.subscribe((state, changed) => heard.push(Object.keys(changed)));

	time.setCursor(12);
	time.setCursor(12);
	time.setRange(100, 200);
	time.setRange(100, 200);
	time.reset();
	stop();
	time.setCursor(13);
	assert.deepEqual(heard, [['cursor'], ['range'], ['range']]);
});

test('zoom keeps the moment under the pointer', () => {
	const time = createTime({ durationMs: 1000 });

	time.zoom(0.5, 200);
	assert.deepEqual(time.get().range, [100, 600]);
	time.pan(1);
	assert.deepEqual(time.get().range, [500, 1000]);
	time.zoom(100, 700);
	assert.deepEqual(time.get().range, [0, 1000]);
});

test('evidence outside of the range shows the whole call', () => {
	const time = createTime({ durationMs: 1000 });

	time.setRange(0, 100);
	time.show({ message: 3, from: 50, to: 60 });
	assert.deepEqual(time.get().range, [0, 100]);
	time.show({ from: 500, to: 600 });
	assert.deepEqual(time.get().range, [0, 1000]);
	time.show(null);
	assert.equal(time.get().evidence, null);
});

test('a longer call grows the axis, and leaves a zoom alone', () => {
	const time = createTime({ durationMs: 1000 });

	time.grow(-20, 1500);
	assert.deepEqual(time.get().range, [-20, 1500]);
	time.setRange(0, 10);
	time.grow(0, 2000);
	assert.deepEqual(time.get().range, [0, 10]);
	assert.deepEqual(time.get().full, [-20, 2000]);
});

test('times keep their microseconds', () => {
	const start = unixMs('2026-11-23T01:18:23.846975Z');

	assert.equal(sinceStart(start, '2026-11-23T01:18:23.847550Z'), 0.575);
	assert.equal(sinceStart(start, '2026-11-23T01:18:34.861982Z'), 11015.007);
	assert.equal(sinceStart(start, '2026-11-23T01:18:23Z'), -846.975);
	assert.equal(sinceStart(start, null), null);
	assert.equal(unixMs('soon'), null);
});
