package main

import (
	"slices"
	"strings"
	"time"

	"github.com/journey-os/journey-api/core"
)

// The codes that only the service's HTTP adapter knows, and short names of core's.
const (
	badRequest   core.Code = "BAD_REQUEST"
	wrongMethod  core.Code = "METHOD_NOT_ALLOWED"
	tooSlow      core.Code = "REQUEST_TIMEOUT"
	tooLarge     core.Code = "PAYLOAD_TOO_LARGE"
	wrongMedia   core.Code = "UNSUPPORTED_MEDIA_TYPE"
	rateLimited  core.Code = "RATE_LIMITED"
	headersLarge core.Code = "HEADERS_TOO_LARGE"

	auth, forbidden, notFound, invalid = core.CodeAuthentication, core.CodeForbidden, core.CodeNotFound, core.CodeValidation
)

// The rows that are sent by themselves too.
const knownTokens, newTokens, newAnswers = "a known token, HS256", "a new token, HS256", "an answer"

const (
	me, update     = "/api/me", "/api/bkt/update"
	states         = "/api/bkt/mastery/{student_id}"
	history        = states + "/history"
	parameters     = "/api/bkt/parameters/{concept_id}"
	restore        = parameters + "/restore"
	live, probable = "/health/live", "/health/ready"

	// platformItem has no key: the platform grades it. Nobody answers items of quietConcept.
	platformConcept, platformItem, quietConcept = "soak-platform", "soak-platform-1", "soak-quiet"
)

// cases is what callers send and what is right: name and share; request; who asks; status, code and reason of the reply;
// what differs each time. Status 0 leaves the reply to the last.
func cases() []row {
	student, advisor, faculty, super := as(core.RoleStudent), as(core.RoleAdvisor), as(core.RoleFaculty), as(core.RoleSuperadmin)
	return []row{
		{knownTokens, 200, "GET", me, as(""), 200, "", "", isMe},
		{"a known token, published key", 160, "GET", me, signed((*keyring).known, (*key).warm), 200, "", "", nil},
		{newTokens, 40, "GET", me, fresh, 200, "", "", isMe},
		{"a new token, published key", 25, "GET", me, signed((*keyring).known, (*key).fresh), 200, "", "", nil},
		{"what the role allows", 30, "GET", "/api/me/access", as(""), 200, "", "", seesRoutes},
		{"diagnostics", 5, "GET", "/api/diagnostics", super, 200, "", "", nil},
		{"diagnostics, no superadmin", 8, "GET", "/api/diagnostics", faculty, 403, forbidden, core.ReasonRoleNotAllowed, nil},

		{"no token", 25, "GET", me, nobody, 401, auth, core.ReasonTokenMissing, nil},
		{"an expired token", 15, "GET", me, claiming("exp", -60), 401, auth, core.ReasonTokenExpired, nil},
		{"a token of the future", 5, "GET", me, claiming("nbf", 600), 401, auth, core.ReasonTokenNotYetValid, nil},
		{"another audience", 5, "GET", me, claiming("aud", "somebody"), 401, auth, core.ReasonAudienceInvalid, nil},
		{"an account without a role", 5, "GET", me, claiming("app_metadata.role", nil), 401, auth, core.ReasonAccountIncomplete, nil},
		{"an API key", 10, "GET", me, claiming("role", "anon"), 401, auth, core.ReasonNotAUserToken, nil},
		{"a forged token", 20, "GET", me, bad(forged), 401, auth, core.ReasonSignatureInvalid, nil},
		{"a forged token, published key", 10, "GET", me, forgedKey, 401, auth, core.ReasonSignatureInvalid, nil},
		{"an unsigned token", 10, "GET", me, bad(unsigned), 401, auth, core.ReasonAlgorithmRejected, nil},
		{"a token cut short", 15, "GET", me, bad(short), 401, auth, core.ReasonTokenMalformed, nil},

		{"health", 60, "GET", "/health", careless, 0, "", "", isHealth},
		{"readiness", 40, "GET", probable, careless, 0, "", "", isReady},
		{"liveness", 40, "GET", live, careless, 200, "", "", nil},
		{"liveness, HEAD", 10, "HEAD", live, careless, 200, "", "", nil},
		{"the last of its connection", 15, "GET", live, careless, 200, "", "", closing},
		{"the redirect to the docs", 5, "GET", "/", nobody, 302, "", "", nil},
		{"the OpenAPI document", 1, "GET", "/openapi.json", nobody, 200, "", "", nil},

		{"an unknown route", 20, "GET", "/api/nothing/here", careless, 404, notFound, "", unmatched},
		{"a wrong method", 15, "POST", me, nobody, 405, wrongMethod, "", unmatched},
		{"a method that nobody knows", 5, "BREW", me, nobody, 405, wrongMethod, "", unmatched},
		{"OPTIONS, no preflight", 5, "OPTIONS", me, nobody, 405, wrongMethod, "", unmatched},
		{"a compressed body", 5, "GET", me, nobody, 415, wrongMedia, "", packed},
		{"a body over the limit", 2, "POST", me, nobody, 413, tooLarge, "", tooMuch},
		{"a preflight", 15, "OPTIONS", me, nobody, 204, "", "", preflight(goodOrigin)},
		{"a preflight from elsewhere", 5, "OPTIONS", me, nobody, 204, "", "", preflight(badOrigin)},

		{newAnswers, 100, "POST", update, nobody, 200, "", "", answers(newest, true)},
		{"an answer without a key", 50, "POST", update, nobody, 200, "", "", answers(newest, false)},
		{"an answer that comes late", 30, "POST", update, nobody, 200, "", "", answers(late, true)},
		{"an answer again", 40, "POST", update, nobody, 200, "", "", repeats},
		{"a key with another answer", 10, "POST", update, nobody, 409, core.CodeConflict, core.ReasonIdempotencyKeyReused, reusesKey},
		{"an answer of somebody else", 10, "POST", update, student, 403, forbidden, core.ReasonNotOwnRecord, wrongly("student_id", "soak-user-x")},
		{"an answer by an advisor", 5, "POST", update, advisor, 403, forbidden, core.ReasonRoleNotAllowed, wrongly("student_id", "soak-user-0")},
		{"an answer to no concept", 5, "POST", update, student, 404, notFound, "", wrongly("concept_id", "nothing")},
		{"an answer to another concept's item", 5, "POST", update, student, 422, invalid, "", wrongly("item_id", "anion-gap-01")},
		{"an answer both graded and to grade", 5, "POST", update, student, 422, invalid, "", wrongly("response", "A")},
		{"an answer of the future", 5, "POST", update, student, 422, invalid, "", wrongly("timestamp", "2124-01-01T00:00:00Z")},
		{"no JSON", 5, "POST", update, student, 422, invalid, "", of("", "", `{"student_id":`)},
		{"what a student knows", 50, "GET", states, nobody, 200, "", "", knows},
		{"a student's history", 30, "GET", history, nobody, 200, "", "", remembers},
		{"what somebody else knows", 10, "GET", states, student, 403, forbidden, core.ReasonNotOwnRecord, of("student_id", "soak-user-x", "")},
		{"nobody's history", 5, "GET", history, super, 404, notFound, "", of("student_id", "soak-user-x", "")},
		{"concepts", 10, "GET", "/api/bank/concepts", as(""), 200, "", "", listsConcepts},
		{"items", 10, "GET", "/api/bank/items", as(""), 200, "", "", listsItems},
		{"parameters", 10, "GET", parameters, faculty, 200, "", "", hasDefaults},
		{"parameters, a student", 5, "GET", parameters, student, 403, forbidden, core.ReasonRoleNotAllowed, of("concept_id", platformConcept, "")},
		{"the defaults restored", 1, "POST", restore, super, 200, "", "", of("concept_id", platformConcept, `{"version":0}`)},
		{"no such version", 2, "POST", restore, super, 422, invalid, "", of("concept_id", platformConcept, `{"version":7}`)},
		{"a fit without answers", 2, "POST", "/api/bkt/fit", super, 422, core.CodeInsufficientData, "", of("", "", `{"concept_id":"`+quietConcept+`"}`)},

		{"the next question", 50, "GET", nextItem, nobody, 200, "", "", asksNext},
		{"its answer", 60, "POST", practised, nobody, 200, "", "", practises(true)},
		{"its answer again", 15, "POST", practised, nobody, 200, "", "", practisesAgain},
		{"the answer to another question", 5, "POST", practised, nobody, 409, core.CodeConflict, core.ReasonNotTheGivenItem, practises(false)},
		{"a second session", 5, "POST", sessions, nobody, 409, core.CodeSessionAlreadyActive, "", reopens},
		{"a session completed early", 3, "POST", sessions + "/{session_id}/complete", nobody, 200, "", "", completes},
		{"a session of somebody else", 5, "GET", sessions + "/{session_id}", nobody, 0, "", "", overhears},
		{"a session that there never was", 3, "GET", nextItem, student, 404, core.CodeSessionNotFound, "", of("session_id", "none", "")},
		{"sessions", 10, "GET", sessions, student, 200, "", "", nil},

		{"a calibration of too few answers", 1, "POST", "/api/irt/calibrate", super, 422, core.CodeInsufficientData, "", calibrates},
		{"a calibration by a teacher", 2, "POST", "/api/irt/calibrate", faculty, 403, forbidden, core.ReasonRoleNotAllowed, of("", "", `{}`)},
		{"calibrations", 5, "GET", "/api/irt/runs", faculty, 200, "", "", nil},
		{"a calibration that there never was", 2, "GET", "/api/irt/runs/{run_id}", faculty, 404, notFound, "", of("run_id", "0198c5a4-6f2e-7c3b-9d1a-3f1f0c2b7a55", "")},
		{"parameters of an item", 5, "GET", "/api/irt/parameters/{item_id}", faculty, 404, core.CodeItemNotFound, "", of("item_id", "anion-gap-01", "")},
		{"the ability of somebody else", 5, "GET", "/api/irt/ability/{student_id}", student, 403, forbidden, core.ReasonNotOwnRecord, of("student_id", "soak-user-x", "")},
	}
}

// named are the cases of these names.
func named(names ...string) []row {
	return slices.DeleteFunc(cases(), func(r row) bool { return !slices.Contains(names, r.name) })
}

// newcomerCases are the requests whose token may have to wait for a key.
func newcomerCases() []row {
	return []row{
		{"the newest key", 5, "GET", me, signed((*keyring).newest, (*key).warm), 200, "", "", nil},
		{"a revoked key", 3, "GET", me, signed((*keyring).gone, (*key).warm), 200, "", "", nil},
		{"a key that there never was", 2, "GET", me, strange, 401, "", "", nil},
	}
}

// greedyCases come more often than they may.
func greedyCases() []row {
	return []row{
		{"a caller over the limit", 1, "GET", me, greedy, 200, "", "", meOrLimited},
		{"guesses from one address", 1, "GET", me, bad(short), 401, auth, core.ReasonTokenMalformed, guess},
	}
}

func lookCase() row { return row{"a look for stalls", 1, "GET", live, nobody, 200, "", "", nil} }

func drainingCase() row {
	return row{"readiness, draining", 1, "GET", probable, nobody, 503, core.CodeUnavailable, core.ReasonDraining, nil}
}

// unread is a request that the service can't read, with what it answers before it hangs up.
type unread struct {
	name, text string
	// each, if set, is the pause after each byte.
	each   time.Duration
	status int
	code   core.Code
}

func unreadCases() []unread {
	const line = "GET /api/me HTTP/1.1\r\nHost: soak.example\r\n"
	return []unread{
		{"no HTTP", "hello, is anybody there\r\n\r\n", 0, 400, badRequest},
		{"no Host", "GET /api/me HTTP/1.1\r\n\r\n", 0, 400, badRequest},
		{"two lengths", line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 400, badRequest},
		{"no header line", line + "nonsense\r\n\r\n", 0, 400, badRequest},
		{"a large header", line + "X-Filler: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", 0, 431, headersLarge},
		{"a silent connection", "", 0, 408, tooSlow},
		{"a caller who never ends", line[:readTimeout/stuckByte/2], stuckByte, 408, tooSlow},
	}
}
