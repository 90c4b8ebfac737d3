package soak

import (
	"slices"
	"strings"

	"github.com/journey-os/journey-api/core"
)

// row is one kind of request with what its reply has to be.
type row struct {
	name    string
	share   int    // how often it comes, of the sum of all shares
	request string // method and route
	want    string // status, code and reason of the reply, or several of them with | between; "" leaves it to the steps
	with    steps  // who asks; body, headers and whose record it is; what is right
}

// What more than one row has. Nobody answers items of quietConcept; platformItem has no key, so the platform grades it.
const (
	auth, notFound           = "401 AUTHENTICATION_ERROR ", "404 NOT_FOUND"
	ownRecord, roleMissing   = "403 FORBIDDEN not_own_record", "403 FORBIDDEN role_not_allowed"
	invalid, unavailable     = "422 VALIDATION_ERROR", "503 SERVICE_UNAVAILABLE "
	limited, sessionNotFound = "429 RATE_LIMITED", "404 SESSION_NOT_FOUND"
	overloaded               = unavailable + "overloaded"

	knownTokens, newTokens = "a known token, HS256", "a new token, HS256"

	getMe, live    = "GET /api/me", "GET /health/live"
	update, states = "POST /api/bkt/update", "GET /api/bkt/mastery/{student_id}"
	parameters     = "/api/bkt/parameters/{concept_id}"
	sessions       = "/api/adaptive/sessions"
	next           = "GET /api/adaptive/next-item/{session_id}"

	platformConcept, platformItem, quietConcept = "soak-platform", "soak-platform-1", "soak-quiet"
	badMethod                                   = "405 METHOD_NOT_ALLOWED"
)

// cases is what callers send and what is right.
func cases() []row {
	student, advisor, faculty := as(core.RoleStudent), as(core.RoleAdvisor), as(core.RoleFaculty)
	super, anyone := as(core.RoleSuperadmin), as("")
	defaults := members{
		"concept_id": platformConcept, "p_l0": .1, "p_t": .2, "p_g": .25, "p_s": .1, "version": 0, "sample_size": 0,
		"last_fitted_at": nil, "source": "default",
	}
	return []row{
		{knownTokens, 200, getMe, "200", steps{anyone, isMe}},
		{"a known token, published key", 160, getMe, "", steps{signed(knownKey, false)}},
		{newTokens, 40, getMe, "200", steps{fresh, isMe}},
		{"a new token, published key", 25, getMe, "", steps{signed(knownKey, true)}},
		{"what the role allows", 30, "GET /api/me/access", "200", steps{anyone, seesRoutes}},
		{"diagnostics", 5, "GET /api/diagnostics", "200", steps{super}},
		{"diagnostics, no superadmin", 8, "GET /api/diagnostics", roleMissing, steps{faculty}},

		{"no token", 25, getMe, auth + "token_missing", steps{nobody}},
		{"an expired token", 15, getMe, auth + "token_expired", steps{claiming("exp", -60)}},
		{"a token of the future", 5, getMe, auth + "token_not_yet_valid", steps{claiming("nbf", 600)}},
		{"another audience", 5, getMe, auth + "audience_invalid", steps{claiming("aud", "somebody")}},
		{"an account without a role", 5, getMe, auth + "account_incomplete", steps{claiming("app_metadata.role", nil)}},
		{"an API key", 10, getMe, auth + "not_a_user_token", steps{claiming("role", "anon")}},
		{"a forged token", 20, getMe, auth + "signature_invalid", steps{bad(forged)}},
		{"a forged token, published key", 10, getMe, "", steps{forgedKey}},
		{"an unsigned token", 10, getMe, auth + "algorithm_rejected", steps{bad(unsigned)}},
		{"a token cut short", 15, getMe, auth + "token_malformed", steps{bad(short)}},

		{"health", 60, "GET /health", "", steps{careless, isHealth}},
		{"readiness", 40, "GET /health/ready", "", steps{careless, isReady}},
		{"liveness", 40, live, "200", steps{careless}},
		{"liveness, HEAD", 10, "HEAD /health/live", "200", steps{careless}},
		{"the last of its connection", 15, live, "200", steps{careless, closes, sets("Connection", "close")}},
		{"the redirect to the docs", 5, "GET /", "302", steps{nobody}},
		{"the OpenAPI document", 1, "GET /openapi.json", "200", steps{nobody}},

		{"an unknown route", 20, "GET /api/nothing/here", notFound, steps{careless, routed("unmatched")}},
		{"a wrong method", 15, "POST /api/me", badMethod, steps{nobody, routed("unmatched")}},
		{"OPTIONS, no preflight", 5, "OPTIONS /api/me", badMethod, steps{nobody, routed("unmatched")}},
		{"a compressed body", 5, getMe, "415 UNSUPPORTED_MEDIA_TYPE", steps{nobody, sets("Content-Encoding", "gzip")}},
		{"a body over the limit", 2, "POST /api/me", "413 PAYLOAD_TOO_LARGE",
			steps{nobody, routed("unmatched"), closes, about("", strings.Repeat("x", maxBody+1))}},
		{"a preflight", 15, "OPTIONS /api/me", "204", steps{nobody, preflight(goodOrigin)}},
		{"a preflight from elsewhere", 5, "OPTIONS /api/me", "204", steps{nobody, preflight(badOrigin)}},

		{"an answer of somebody else", 10, update, ownRecord, steps{student, wrongly("student_id", "soak-user-x")}},
		{"an answer by an advisor", 5, update, roleMissing, steps{advisor, wrongly("student_id", "soak-user-0")}},
		{"an answer to no concept", 5, update, notFound, steps{student, wrongly("concept_id", "nothing")}},
		{"an answer to another concept's item", 5, update, invalid, steps{student, wrongly("item_id", "anion-gap-01")}},
		{"an answer both graded and to grade", 5, update, invalid, steps{student, wrongly("response", "A")}},
		{"an answer of the future", 5, update, invalid, steps{student, wrongly("timestamp", "2124-01-01T00:00:00Z")}},
		{"no JSON", 5, update, invalid, steps{student, about("", `{"student_id":`)}},
		{"what somebody else knows", 10, states, ownRecord, steps{student, about("soak-user-x", "")}},
		{"nobody's history", 5, states + "/history", notFound, steps{super, about("soak-user-x", "")}},
		{"concepts", 10, "GET /api/bank/concepts", "200", steps{anyone, listsConcepts}},
		{"items", 10, "GET /api/bank/items", "200", steps{anyone, listsItems}},
		{"parameters", 10, "GET " + parameters, "200", steps{faculty, about(platformConcept, ""), says(defaults)}},
		{"parameters, a student", 5, "GET " + parameters, roleMissing, steps{student, about(platformConcept, "")}},
		{"the defaults restored", 1, "POST " + parameters + "/restore", "200",
			steps{super, about(platformConcept, `{"version":0}`)}},
		{"a fit without answers", 2, "POST /api/bkt/fit", "422 INSUFFICIENT_DATA",
			steps{super, about("", `{"concept_id":"`+quietConcept+`"}`)}},

		{"a session that there never was", 3, next, sessionNotFound, steps{student, about("none", "")}},
		{"sessions", 10, "GET " + sessions, "200", steps{student}},

		{"a calibration of too few answers", 1, "POST /api/irt/calibrate", "422 INSUFFICIENT_DATA|409 CALIBRATION_IN_PROGRESS",
			steps{super, about("", `{"min_responses":1000000}`)}},
		{"a calibration by a teacher", 2, "POST /api/irt/calibrate", roleMissing, steps{faculty, about("", `{}`)}},
		{"calibrations", 5, "GET /api/irt/runs", "200", steps{faculty}},
	}
}

// newcomerCases are the requests whose token may have to wait for a key.
func newcomerCases() []row {
	return []row{
		{"the newest key", 5, getMe, "", steps{signed(newestKey, false)}},
		{"a revoked key", 3, getMe, "", steps{signed(revokedKey, false)}},
		{"a key that there never was", 2, getMe, "", steps{signed(strangeKey, true)}},
	}
}

// greedyCases come more often than they may.
func greedyCases() []row {
	return []row{
		{"a caller over the limit", 1, getMe, "200|" + limited, steps{greedy, isMe}},
		{"guesses from one address", 1, getMe, auth + "token_malformed|" + limited,
			steps{bad(short), sets("X-Forwarded-For", "203.0.113.7")}},
	}
}

// named are the cases of these names.
func named(names ...string) []row {
	return slices.DeleteFunc(cases(), func(r row) bool { return !slices.Contains(names, r.name) })
}
