// The text of the one box as terms, as far as the filter panel must know it:
// words separated by blanks outside of quotes; "-", a key and an operator may
// stand before a value. A word that begins with a quote has no key. The server
// alone decides what they mean. Pure.

const shape = /^(-?)([a-z][a-z-]*)(:|<=|>=|<|>)(.*)$/s;

/* [{ text, at, key, op, value, not }]: key null for a bare word, value without
 * its quotes. */
export function splitTerms(q) {
	const terms = [];
	const word = /(?:"[^"]*"?|[^\s"])+/g;
	let m;

	while ((m = word.exec(q)) !== null)
		terms.push({ text: m[0], at: m.index, ...readTerm(m[0]) });
	return terms;
}

function readTerm(text) {
	const plain = text.replaceAll('"', '');
	const m = /^-?"/.test(text) ? null : shape.exec(plain);

	if (m)
		return { not: m[1] === '-', key: m[2], op: m[3], value: m[4] };
	const not = plain.length > 1 && plain.startsWith('-');

	return { not, key: null, op: '', value: not ? plain.slice(1) : plain };
}

/* A term as text; a value with blanks gets quotes. */
export function makeTerm(key, op, value) {
	const safe = String(value).replaceAll('"', '');

	return key + op + (/\s/.test(safe) ? `"${safe}"` : safe);
}

function isTerm(term, key, op) {
	return !term.not && term.key === key && term.op[0] === op[0];
}

/* The value of key:value (or key<value) in q, '' when there is none. */
export function getTerm(q, key, op = ':') {
	return splitTerms(q).find((t) => isTerm(t, key, op))?.value ?? '';
}

/* q with that term, in the place of the one of before; without it where the
 * value is empty. */
export function setTerm(q, key, op, value) {
	const made = value === '' || value === null ? [] : [makeTerm(key, op, value)];
	const terms = splitTerms(q);
	const at = terms.findIndex((t) => isTerm(t, key, op));
	const others = terms.filter((t) => !isTerm(t, key, op)).map((t) => t.text);

	others.splice(at < 0 ? others.length : at, 0, ...made);
	return others.join(' ');
}

/* q without its n-th term. */
export function dropTerm(q, n) {
	return splitTerms(q).filter((t, i) => i !== n).map((t) => t.text).join(' ');
}

/* Where in a text its n-th character is: the server counts code points. */
export function atCharacter(text, n) {
	return [...text].slice(0, n).join('').length;
}
