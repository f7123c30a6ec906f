import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { merge } from '../openapi.mjs';

test('parts of the description are joined', () => {
	assert.deepEqual(merge({ paths: { '/a': 1 }, tags: [1] },
		{ paths: { '/b': 2 }, tags: [2], info: { title: 't' } }),
		{ paths: { '/a': 1, '/b': 2 }, tags: [1, 2], info: { title: 't' } });
});
