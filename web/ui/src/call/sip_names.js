/* Reason phrases of SIP (RFC 3261, 21 and later), for what is drawn: a message
 * may say something else, its text shows it. */
const phrases = {
	100: 'Trying', 180: 'Ringing', 181: 'Forwarded', 182: 'Queued', 183: 'Session Progress',
	199: 'Early Dialog Ended', 200: 'OK', 202: 'Accepted', 204: 'No Notification',
	300: 'Multiple Choices', 301: 'Moved Permanently', 302: 'Moved Temporarily',
	305: 'Use Proxy', 380: 'Alternative Service',
	400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden',
	404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
	407: 'Proxy Authentication', 408: 'Request Timeout', 410: 'Gone',
	412: 'Conditional Failed', 413: 'Too Large', 415: 'Unsupported Media',
	416: 'Unsupported URI', 420: 'Bad Extension', 421: 'Extension Required',
	422: 'Interval Too Small', 423: 'Interval Too Brief', 428: 'Use Identity Header',
	433: 'Anonymity Disallowed', 436: 'Bad Identity', 437: 'Bad Certificate',
	438: 'Bad Signature', 480: 'Unavailable', 481: 'No Such Dialog', 482: 'Loop Detected',
	483: 'Too Many Hops', 484: 'Address Incomplete', 485: 'Ambiguous', 486: 'Busy Here',
	487: 'Terminated', 488: 'Not Acceptable Here', 489: 'Bad Event', 491: 'Request Pending',
	493: 'Undecipherable', 494: 'Security Agreement', 500: 'Server Error',
	501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Unavailable', 504: 'Server Time-out',
	505: 'Version', 513: 'Too Large', 580: 'Precondition', 600: 'Busy Everywhere',
	603: 'Decline', 604: 'Exists Nowhere', 606: 'Not Acceptable', 607: 'Unwanted',
	608: 'Rejected',
};

/* 486 Busy Here */
export function statusText(status) {
	return phrases[status] ? `${status} ${phrases[status]}` : String(status);
}

/* "INVITE", "180 Ringing (INVITE)", "Message (WS)": of a row of the API. */
export function messageTitle(m) {
	if (m.method === null)
		return `Message (${m.transport.toUpperCase()})`;
	return m.status === null ? m.method : `${statusText(m.status)} (${m.method})`;
}
