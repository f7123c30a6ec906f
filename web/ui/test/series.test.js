import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as s from '../src/core/series.js';

test('the worst survives fewer points', () => {
	const data = [[0, 1, 2, 3, 4, 5], [0, 9, 1, null, null, null], [4, 4, 1, 4, 4, null]];

	assert.deepEqual(s.worst(data, 2, ['max', 'min']),
		[[0, 3], [9, null], [1, 4]]);
	assert.equal(s.worst(data, 6), data);
	assert.deepEqual(s.worst(data, 1, 'max'), [[0], [9], [4]]);
});

test('a gap stays a gap', () => {
	const xs = Array.from({ length: 1000 }, (_, i) => i);
	const ys = xs.map((x) => (x >= 400 && x < 600 ? null : 1));
	const [, few] = s.worst([xs, ys], 100);

	assert.equal(few.length, 100);
	assert.deepEqual(few.slice(40, 60), new Array(20).fill(null));
	assert.equal(few.filter((v) => v === null).length, 20);
});

test('streams come on one axis', () => {
	assert.deepEqual(s.align([{ t: [0, 2], y: [1, 3] }, { t: [1, 2], y: [5, null] }]),
		[[0, 1, 2], [1, null, 3], [null, 5, null]]);
	assert.deepEqual(s.align([]), [[]]);
});

test('figures leave out what was not measured', () => {
	assert.deepEqual(s.figures([null, 1, 3]), { least: 1, most: 3, mean: 2, last: 3, n: 2 });
	assert.equal(s.figures([null]), null);
});

test('a chart in words', () => {
	assert.equal(s.describe('Loss', [{ label: 'caller' }, { label: 'callee' }],
		[[0, 1], [0, 2], [null, null]]),
		'Loss. caller: 0 to 2, mean 1; callee: nothing measured.');
});

test('part of an axis', () => {
	assert.deepEqual(s.slice([0, 1, 2, 3], 1, 2), [1, 3]);
	assert.deepEqual(s.slice([0, 1], 5, 6), [2, 2]);
});

test('points without a neighbour', () => {
	assert.deepEqual(s.lonely([1, null, 2, 3, null, 4], 0, 5), [0, 5]);
	assert.deepEqual(s.lonely([null, 5, null], 0, 2), [1]);
	assert.deepEqual(s.lonely([null, null], 0, 1), []);
});
