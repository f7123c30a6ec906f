/* Names of numbers that stand in a record. */

/* ITU-T Q.850, table 1: what networks send most. */
const causes = {
	1: 'unallocated number',
	2: 'no route to the transit network',
	3: 'no route to the destination',
	16: 'normal call clearing',
	17: 'user busy',
	18: 'no user responding',
	19: 'no answer from the user',
	20: 'subscriber absent',
	21: 'call rejected',
	22: 'number changed',
	25: 'exchange routing error',
	26: 'non-selected user clearing',
	27: 'destination out of order',
	28: 'invalid number format',
	29: 'facility rejected',
	31: 'normal, unspecified',
	34: 'no circuit available',
	38: 'network out of order',
	41: 'temporary failure',
	42: 'switching equipment congestion',
	44: 'requested circuit not available',
	47: 'resource unavailable',
	50: 'requested facility not subscribed',
	57: 'bearer capability not authorized',
	58: 'bearer capability not available',
	63: 'service or option not available',
	65: 'bearer capability not implemented',
	79: 'service or option not implemented',
	88: 'incompatible destination',
	95: 'invalid message',
	96: 'mandatory information element is missing',
	102: 'recovery on timer expiry',
	111: 'protocol error',
	127: 'interworking, unspecified',
};

/* RFC 8489, 14.8; RFC 8656, 19; RFC 6062, 6.3; RFC 8445, 7.3.1.1 */
const stunErrors = {
	300: 'Try Alternate',
	400: 'Bad Request',
	401: 'Unauthenticated',
	403: 'Forbidden',
	420: 'Unknown Attribute',
	437: 'Allocation Mismatch',
	438: 'Stale Nonce',
	440: 'Address Family not Supported',
	441: 'Wrong Credentials',
	442: 'Unsupported Transport Protocol',
	443: 'Peer Address Family Mismatch',
	446: 'Connection Already Exists',
	447: 'Connection Timeout or Failure',
	486: 'Allocation Quota Reached',
	487: 'Role Conflict',
	500: 'Server Error',
	508: 'Insufficient Capacity',
};

/* 16 normal call clearing: inside of parentheses */
export function causeName(cause) {
	return causes[cause] ? `${cause} ${causes[cause]}` : String(cause);
}

/* 16 (normal call clearing) */
export function causeText(cause) {
	return causes[cause] ? `${cause} (${causes[cause]})` : String(cause);
}

/* 486 Allocation Quota Reached */
export function stunErrorText(code) {
	return stunErrors[code] ? `${code} ${stunErrors[code]}` : String(code);
}

/* Words of nat[].class (RFC 4787, 4.1). */
export const natClasses = {
	none: 'no NAT',
	eim: 'a NAT with one mapping for all destinations',
	adm: 'a NAT with a mapping for each remote address',
	apdm: 'a NAT with a mapping for each remote address and port (symmetric)',
	'eim-or-adm': 'a NAT that keeps its mapping at least for one remote address',
	'adm-or-apdm': 'a NAT that maps each destination anew (symmetric)',
	unknown: 'a NAT of unknown kind',
};
