package main

import (
	"slices"

	"github.com/journey-os/journey-api/core"
)

// row is one kind of request with what its reply has to be.
type row struct {
	name    string
	share   int    // how often it comes, of the sum of all shares
	request string // method and route
	as      step   // signs the request in
	want    string // status, code and reason of the reply, or several of them with | between; "" leaves it to with
	with    step   // if set, adds what differs each time: body, headers, whose record it is, what is right
}

// What more than one row has. Nobody answers items of quietConcept; platformItem has no key, so the platform grades it.
const (
	auth, notFound           = "401 AUTHENTICATION_ERROR ", "404 NOT_FOUND"
	ownRecord, roleMissing   = "403 FORBIDDEN not_own_record", "403 FORBIDDEN role_not_allowed"
	invalid, unavailable     = "422 VALIDATION_ERROR", "503 SERVICE_UNAVAILABLE "
	limited, sessionNotFound = "429 RATE_LIMITED", "404 SESSION_NOT_FOUND"
	overloaded               = unavailable + "overloaded"

	knownTokens, newTokens = "a known token, HS256", "a new token, HS256"

	getMe, live      = "GET /api/me", "GET /health/live"
	update, states   = "POST /api/bkt/update", "GET /api/bkt/mastery/{student_id}"
	parameters       = "/api/bkt/parameters/{concept_id}"
	sessions, answer = "/api/adaptive/sessions", "POST /api/adaptive/sessions/{session_id}/answers"
	next, complete   = "GET /api/adaptive/next-item/{session_id}", "POST /api/adaptive/sessions/{session_id}/complete"

	platformConcept, platformItem, quietConcept = "soak-platform", "soak-platform-1", "soak-quiet"
	badMethod                                   = "405 METHOD_NOT_ALLOWED"
)

// cases is what callers send and what is right.
func cases() []row {
	student, advisor, faculty := as(core.RoleStudent), as(core.RoleAdvisor), as(core.RoleFaculty)
	super, anyone := as(core.RoleSuperadmin), as("")
	return []row{
		{knownTokens, 200, getMe, anyone, "200", isMe},
		{"a known token, published key", 160, getMe, signed(knownKey, false), "", nil},
		{newTokens, 40, getMe, fresh, "200", isMe},
		{"a new token, published key", 25, getMe, signed(knownKey, true), "", nil},
		{"what the role allows", 30, "GET /api/me/access", anyone, "200", seesRoutes},
		{"diagnostics", 5, "GET /api/diagnostics", super, "200", nil},
		{"diagnostics, no superadmin", 8, "GET /api/diagnostics", faculty, roleMissing, nil},

		{"no token", 25, getMe, nobody, auth + "token_missing", nil},
		{"an expired token", 15, getMe, claiming("exp", -60), auth + "token_expired", nil},
		{"a token of the future", 5, getMe, claiming("nbf", 600), auth + "token_not_yet_valid", nil},
		{"another audience", 5, getMe, claiming("aud", "somebody"), auth + "audience_invalid", nil},
		{"an account without a role", 5, getMe, claiming("app_metadata.role", nil), auth + "account_incomplete", nil},
		{"an API key", 10, getMe, claiming("role", "anon"), auth + "not_a_user_token", nil},
		{"a forged token", 20, getMe, bad(forged), auth + "signature_invalid", nil},
		{"a forged token, published key", 10, getMe, forgedKey, "", nil},
		{"an unsigned token", 10, getMe, bad(unsigned), auth + "algorithm_rejected", nil},
		{"a token cut short", 15, getMe, bad(short), auth + "token_malformed", nil},

		{"health", 60, "GET /health", careless, "", isHealth},
		{"readiness", 40, "GET /health/ready", careless, "", isReady},
		{"liveness", 40, live, careless, "200", nil},
		{"liveness, HEAD", 10, "HEAD /health/live", careless, "200", nil},
		{"the last of its connection", 15, live, careless, "200", closing},
		{"the redirect to the docs", 5, "GET /", nobody, "302", nil},
		{"the OpenAPI document", 1, "GET /openapi.json", nobody, "200", nil},

		{"an unknown route", 20, "GET /api/nothing/here", careless, notFound, unmatched},
		{"a wrong method", 15, "POST /api/me", nobody, badMethod, unmatched},
		{"a method that nobody knows", 5, "BREW /api/me", nobody, badMethod, unmatched},
		{"OPTIONS, no preflight", 5, "OPTIONS /api/me", nobody, badMethod, unmatched},
		{"a compressed body", 5, getMe, nobody, "415 UNSUPPORTED_MEDIA_TYPE", packed},
		{"a body over the limit", 2, "POST /api/me", nobody, "413 PAYLOAD_TOO_LARGE", tooMuch},
		{"a preflight", 15, "OPTIONS /api/me", nobody, "204", preflight(goodOrigin)},
		{"a preflight from elsewhere", 5, "OPTIONS /api/me", nobody, "204", preflight(badOrigin)},

		{"an answer of somebody else", 10, update, student, ownRecord, wrongly("student_id", "soak-user-x")},
		{"an answer by an advisor", 5, update, advisor, roleMissing, wrongly("student_id", "soak-user-0")},
		{"an answer to no concept", 5, update, student, notFound, wrongly("concept_id", "nothing")},
		{"an answer to another concept's item", 5, update, student, invalid, wrongly("item_id", "anion-gap-01")},
		{"an answer both graded and to grade", 5, update, student, invalid, wrongly("response", "A")},
		{"an answer of the future", 5, update, student, invalid, wrongly("timestamp", "2124-01-01T00:00:00Z")},
		{"no JSON", 5, update, student, invalid, about("", `{"student_id":`)},
		{"what somebody else knows", 10, states, student, ownRecord, about("soak-user-x", "")},
		{"nobody's history", 5, states + "/history", super, notFound, about("soak-user-x", "")},
		{"concepts", 10, "GET /api/bank/concepts", anyone, "200", listsConcepts},
		{"items", 10, "GET /api/bank/items", anyone, "200", listsItems},
		{"parameters", 10, "GET " + parameters, faculty, "200", hasDefaults},
		{"parameters, a student", 5, "GET " + parameters, student, roleMissing, about(platformConcept, "")},
		{"the defaults restored", 1, "POST " + parameters + "/restore", super, "200", about(platformConcept, `{"version":0}`)},
		{"no such version", 2, "POST " + parameters + "/restore", super, invalid, about(platformConcept, `{"version":7}`)},
		{"a fit without answers", 2, "POST /api/bkt/fit", super, "422 INSUFFICIENT_DATA",
			about("", `{"concept_id":"`+quietConcept+`"}`)},

		{"a session of somebody else", 5, "GET " + sessions + "/{session_id}", student, ownRecord, overhears},
		{"a session that there never was", 3, next, student, sessionNotFound, about("none", "")},
		{"sessions", 10, "GET " + sessions, student, "200", nil},

		{"a calibration of too few answers", 1, "POST /api/irt/calibrate", super,
			"422 INSUFFICIENT_DATA|409 CALIBRATION_IN_PROGRESS", about("", `{"min_responses":1000000}`)},
		{"a calibration by a teacher", 2, "POST /api/irt/calibrate", faculty, roleMissing, about("", `{}`)},
		{"calibrations", 5, "GET /api/irt/runs", faculty, "200", nil},
		{"a calibration that there never was", 2, "GET /api/irt/runs/{run_id}", faculty, notFound,
			about("0198c5a4-6f2e-7c3b-9d1a-3f1f0c2b7a55", "")},
		{"parameters of an item", 5, "GET /api/irt/parameters/{item_id}", faculty, "404 ITEM_NOT_FOUND", about("anion-gap-01", "")},
		{"the ability of somebody else", 5, "GET /api/irt/ability/{student_id}", student, ownRecord, about("soak-user-x", "")},
	}
}

// newcomerCases are the requests whose token may have to wait for a key.
func newcomerCases() []row {
	return []row{
		{"the newest key", 5, getMe, signed(newestKey, false), "", nil},
		{"a revoked key", 3, getMe, signed(revokedKey, false), "", nil},
		{"a key that there never was", 2, getMe, signed(strangeKey, true), "", nil},
	}
}

const overLimit, guesses = "a caller over the limit", "guesses from one address"

// greedyCases come more often than they may.
func greedyCases() []row {
	return []row{
		{overLimit, 1, getMe, greedy, "200|" + limited, isMe},
		{guesses, 1, getMe, bad(short), auth + "token_malformed|" + limited, fromOneAddress},
	}
}

// lookCases wait for nothing: if one takes long, the machine does not give the service its share.
func lookCases() []row { return []row{{"a look for stalls", 1, live, nobody, "200", nil}} }

// named are the cases of these names.
func named(names ...string) []row {
	return slices.DeleteFunc(cases(), func(r row) bool { return !slices.Contains(names, r.name) })
}
