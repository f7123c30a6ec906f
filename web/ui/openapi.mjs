// Joins the parts of the API's description, web/openapi/*.json, to one
// document: objects are merged, lists appended, later files win over earlier
// ones in the order of their names.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

function isObject(v) {
	return v !== null && typeof v === 'object' && !Array.isArray(v);
}

export function merge(into, from) {
	for (const [key, value] of Object.entries(from)) {
		if (isObject(value) && isObject(into[key]))
			merge(into[key], value);
		else if (Array.isArray(value) && Array.isArray(into[key]))
			into[key] = [...into[key], ...value];
		else
			into[key] = value;
	}
	return into;
}

export function joinOpenapi(dir) {
	const names = existsSync(dir) ? readdirSync(dir).sort() : [];
	const whole = { openapi: '3.1.0' };

	for (const name of names.filter((n) => n.endsWith('.json'))) {
		const text = readFileSync(join(dir, name), 'utf8');

		try {
			merge(whole, JSON.parse(text));
		} catch (e) {
			throw new Error(`web/openapi/${name}: ${e.message}`);
		}
	}
	return whole;
}
