package jwtauth_test

import (
	"bytes"
	"compress/flate"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	accepted   core.Reason = ""
	malformed              = core.ReasonTokenMalformed
	algorithm              = core.ReasonAlgorithmRejected
	signature              = core.ReasonSignatureInvalid
	notAUser               = core.ReasonNotAUserToken
	expired                = core.ReasonTokenExpired
	notYet                 = core.ReasonTokenNotYetValid
	audience               = core.ReasonAudienceInvalid
	badClaims              = core.ReasonClaimsInvalid
	badAccount             = core.ReasonAccountIncomplete
)

type attack struct {
	name  string
	token string
	want  core.Reason
}

// TestReasonByToken is the attack suite: every token is built by hand, and every header and payload that is not the
// subject of its attack is good, signed under the right secret.
func TestReasonByToken(t *testing.T) {
	verifier := newVerifier(t, nil)
	seen := map[string]bool{}
	for _, attacks := range [][]attack{
		shapeAttacks(), base64Attacks(), jsonAttacks(), headerAttacks(), algorithmAttacks(), signatureAttacks(),
		userAttacks(), timeAttacks(), audienceAttacks(), claimAttacks(), metadataAttacks(),
	} {
		for _, a := range attacks {
			if seen[a.name] {
				t.Errorf("two attacks are named %q", a.name)
			}
			seen[a.name] = true
			t.Run(a.name, func(t *testing.T) {
				_, err := verifier.Verify(t.Context(), a.token)
				wantReason(t, err, a.want)
			})
		}
	}
	if len(seen) < 80 {
		t.Errorf("the suite has shrunk to %d attacks", len(seen))
	}
}

func shapeAttacks() []attack {
	good := sign(student())
	parts := strings.Split(good, ".")
	jsonSerialised := fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2])
	return []attack{
		{"the good token that every attack starts from", good, accepted},
		{"an empty token", "", malformed},
		{"one word", "token", malformed},
		{"a dot", ".", malformed},
		{"two dots", "..", malformed},
		{"four dots", "....", malformed},
		{"one dot fewer", parts[0] + "." + parts[1], malformed},
		{"two dots fewer", parts[0] + parts[1] + parts[2], malformed},
		{"one dot more at the end", good + ".", malformed},
		{"one dot more at the start", "." + good, malformed},
		{"two dots more, as an encrypted token has", good + "." + parts[1] + "." + parts[2], malformed},
		{"no header", "." + parts[1] + "." + parts[2], malformed},
		{"no payload", parts[0] + ".." + parts[2], malformed},
		{"the JSON serialisation", jsonSerialised, malformed},
		{"the JSON serialisation in base64url", portstest.EncodePart(jsonSerialised), malformed},
		{"a token inside a token", portstest.SignHS256(portstest.Secret, `{"alg":"HS256","typ":"JWT","cty":"JWT"}`, good), malformed},
		{"a token inside a token as a JSON string", raw(`"` + good + `"`), malformed},
		{"a token inside a claim", raw(`{"token":"` + good + `"}`), notAUser},
		{"the scheme left before it", "Bearer " + good, malformed},
		{"two tokens with a comma", good + "," + good, malformed},
		{"a publishable API key", "sb_publishable_2Jb0RmqYBZ", notAUser},
		{"a secret API key", "sb_secret_2Jb0RmqYBZ", notAUser},
		{"an API key with dots, as a token has", "sb_secret_a.b.c", notAUser},
	}
}

func base64Attacks() []attack {
	good := sign(student())
	parts := strings.Split(good, ".")
	signed := parts[0] + "." + parts[1]
	return []attack{
		{"padding on the signature", good + "=", malformed},
		{"padding on the header", parts[0] + "=." + parts[1] + "." + parts[2], malformed},
		{"the signature in the other base64 alphabet", signed + "." + otherAlphabet(parts[2]), malformed},
		{"a signature whose unused bits are not zero", signed + "." + nextInAlphabet(parts[2]), malformed},
		{"a space before the token", " " + good, malformed},
		{"a space after the token", good + " ", malformed},
		{"a space inside the payload part", parts[0] + "." + parts[1][:4] + " " + parts[1][4:] + "." + parts[2], malformed},
		{"a line break after the token", good + "\n", malformed},
		{"a line break inside the signature", signed + "." + parts[2][:4] + "\r\n" + parts[2][4:], malformed},
		{"a line break inside the header", parts[0][:4] + "\n" + parts[0][4:] + "." + parts[1] + "." + parts[2], malformed},
		{"a tab inside the signature", signed + "." + parts[2][:4] + "\t" + parts[2][4:], malformed},
		{"a null character after the token", good + "\x00", malformed},
		{"percent-encoded dots", strings.ReplaceAll(good, ".", "%2E"), malformed},
		{"a letter that only looks like one", strings.Replace(good, "e", "е", 1), malformed},
		{"a signature of one letter, which is less than a byte", signed + ".A", malformed},
	}
}

func jsonAttacks() []attack {
	payload := student().JSON()
	inside := strings.TrimPrefix(payload, "{")
	return []attack{
		{"a payload that is null", raw("null"), malformed},
		{"a payload that is an array", raw("[" + payload + "]"), malformed},
		{"a payload that is a number", raw("1"), malformed},
		{"an empty payload object", raw("{}"), notAUser},
		{"a payload that stops half-way", raw(payload[:len(payload)-2]), malformed},
		{"something after the payload", raw(payload + "{}"), malformed},
		{"a comma after the last claim", raw(strings.TrimSuffix(payload, "}") + ",}"), malformed},
		{"a comment in the payload", raw("/**/" + payload), malformed},
		{"a byte order mark before the payload", raw("\ufeff" + payload), malformed},
		{"white space around the payload, which JSON allows", raw(" \n" + payload + "\t"), accepted},
		{"sub twice", raw(`{"sub":"admin",` + inside), malformed},
		{"sub twice, once escaped", raw(`{"\u0073ub":"admin",` + inside), malformed},
		{"app_metadata twice", raw(`{"app_metadata":{"role":"superadmin"},` + inside), malformed},
		{"role twice inside app_metadata", raw(strings.Replace(payload, `"app_metadata":{`, `"app_metadata":{"role":"superadmin",`, 1)), malformed},
		{"a name twice in a claim that nobody reads", raw(`{"user_metadata":{"a":1,"a":2},` + inside), malformed},
		{"a name twice deep in a claim that nobody reads", raw(`{"x":[[{"y":{"a":1,"a":1}}]],` + inside), malformed},
		{"App_Metadata beside app_metadata", raw(`{"App_Metadata":{"role":"superadmin"},` + inside), accepted},
		{"App_Metadata in place of app_metadata", sign(student().Without("app_metadata").With("App_Metadata", student()["app_metadata"])), badAccount},
		{"SUB in place of sub", sign(student().Without("sub").With("SUB", "admin")), badClaims},
		{"Exp in place of exp", sign(student().Without("exp").With("Exp", now.Unix()+60)), badClaims},
		{"a claim's name with a null character", sign(student().Without("sub").With("sub\x00", "admin")), badClaims},
		{"an escaped claim name is that claim", raw(strings.Replace(payload, `"sub"`, `"\u0073ub"`, 1)), accepted},
		{"invalid UTF-8 in a claim", raw(`{"x":"` + "\xff" + `",` + inside), malformed},
		{"invalid UTF-8 in a name", raw(`{"` + "\xc3\x28" + `":1,` + inside), malformed},
		{"half a surrogate pair", raw(`{"x":"\ud800",` + inside), malformed},
		{"a raw null character in a claim", raw(`{"x":"` + "\x00" + `",` + inside), malformed},
		{"NaN", raw(`{"x":NaN,` + inside), malformed},
		{"NaN as exp", raw(strings.Replace(payload, `"exp":`, `"exp":NaN,"x":`, 1)), malformed},
		{"Infinity", raw(`{"x":Infinity,` + inside), malformed},
		{"a number with a leading zero", raw(`{"x":01,` + inside), malformed},
		{"a hexadecimal number", raw(`{"x":0x10,` + inside), malformed},
		{"single quotes", raw(strings.ReplaceAll(payload, `"`, `'`)), malformed},
		{"nesting of 100,000", raw(`{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "," + inside), malformed},
		{"a megabyte of claims", sign(student().With("x", strings.Repeat("y", 1<<20))), accepted},
	}
}

func headerAttacks() []attack {
	const key = `{"kty":"oct","k":"AAAA"}`
	return []attack{
		{"a header that is null", withHeader("null"), malformed},
		{"a header that is an array", withHeader(`[{"alg":"HS256"}]`), malformed},
		{"a header that is a string", withHeader(`"HS256"`), malformed},
		{"a header that stops half-way", withHeader(`{"alg":"HS256"`), malformed},
		{"alg twice", withHeader(`{"alg":"none","alg":"HS256"}`), malformed},
		{"alg twice, once escaped", withHeader(`{"\u0061lg":"none","alg":"HS256"}`), malformed},
		{"an unread member of the header twice", withHeader(`{"alg":"HS256","kid":"a","kid":"b"}`), malformed},
		{"invalid UTF-8 in the header", withHeader("{\"alg\":\"HS256\",\"kid\":\"\xff\"}"), malformed},
		{"no typ", withHeader(`{"alg":"HS256"}`), accepted},
		{"typ in lower case", withHeader(`{"alg":"HS256","typ":"jwt"}`), accepted},
		{"typ as a media type", withHeader(`{"alg":"HS256","typ":"application/JWT"}`), accepted},
		{"typ at+jwt", withHeader(`{"alg":"HS256","typ":"at+jwt"}`), accepted},
		{"typ at+jwt as a media type in upper case", withHeader(`{"alg":"HS256","typ":"APPLICATION/AT+JWT"}`), accepted},
		{"typ of an ID or security event", withHeader(`{"alg":"HS256","typ":"secevent+jwt"}`), malformed},
		{"typ JWE", withHeader(`{"alg":"HS256","typ":"JWE"}`), malformed},
		{"typ empty", withHeader(`{"alg":"HS256","typ":""}`), malformed},
		{"typ null", withHeader(`{"alg":"HS256","typ":null}`), malformed},
		{"typ a number", withHeader(`{"alg":"HS256","typ":1}`), malformed},
		{"typ a list", withHeader(`{"alg":"HS256","typ":["JWT"]}`), malformed},
		{"typ with a space", withHeader(`{"alg":"HS256","typ":"JWT "}`), malformed},
		{"typ with application twice", withHeader(`{"alg":"HS256","typ":"application/application/jwt"}`), malformed},
		{"crit with a name", withHeader(`{"alg":"HS256","crit":["exp"],"exp":1}`), malformed},
		{"crit empty", withHeader(`{"alg":"HS256","crit":[]}`), malformed},
		{"crit null", withHeader(`{"alg":"HS256","crit":null}`), malformed},
		{"b64 false", withHeader(`{"alg":"HS256","b64":false,"crit":["b64"]}`), malformed},
		{"b64 true", withHeader(`{"alg":"HS256","b64":true}`), malformed},
		{"an unencoded payload", unencodedPayload(), malformed},
		{"zip with a compressed payload", portstest.SignHS256(portstest.Secret, `{"alg":"HS256","zip":"DEF"}`, deflated(student().JSON())), malformed},
		{"zip with a plain payload is a word that nobody reads", withHeader(`{"alg":"HS256","zip":"DEF"}`), accepted},
		{"jwk brings a key, ignored", forgedWith(`{"alg":"HS256","jwk":` + key + `}`), signature},
		{"jku points at a key, ignored", forgedWith(`{"alg":"HS256","jku":"https://evil.example/jwks.json"}`), signature},
		{"x5u points at a certificate, ignored", forgedWith(`{"alg":"HS256","x5u":"https://evil.example/cert.pem"}`), signature},
		{"x5c brings a certificate, ignored", forgedWith(`{"alg":"HS256","x5c":["AAAA"]}`), signature},
		{"all four under the right secret", withHeader(`{"alg":"HS256","jwk":` + key + `,"jku":"x","x5u":"y","x5c":["AAAA"]}`), accepted},
		{"kid as a path, ignored", forgedWith(`{"alg":"HS256","kid":"../../../../dev/null"}`), signature},
		{"kid as a path under the right secret", withHeader(`{"alg":"HS256","kid":"../../../../dev/null"}`), accepted},
		{"kid as SQL, ignored", forgedWith(`{"alg":"HS256","kid":"' UNION SELECT 'key"}`), signature},
		{"kid of 4 KB under the right secret", withHeader(`{"alg":"HS256","kid":"` + strings.Repeat("k", 4096) + `"}`), accepted},
		{"kid a number under the right secret", withHeader(`{"alg":"HS256","kid":7}`), accepted},
	}
}

func algorithmAttacks() []attack {
	payload := portstest.EncodePart(student().JSON())
	unsigned := func(header string) string { return portstest.EncodePart(header) + "." + payload + "." }
	attacks := []attack{
		{"alg none with a right HS256 signature", withHeader(`{"alg":"none","typ":"JWT"}`), algorithm},
		{"no alg", withHeader(`{"typ":"JWT"}`), algorithm},
		{"an empty header object", withHeader(`{}`), algorithm},
		{"alg empty", withHeader(`{"alg":""}`), algorithm},
		{"alg null", withHeader(`{"alg":null}`), algorithm},
		{"alg a number", withHeader(`{"alg":256}`), algorithm},
		{"alg a list", withHeader(`{"alg":["HS256"]}`), algorithm},
		{"ALG in place of alg", withHeader(`{"ALG":"HS256"}`), algorithm},
		{"alg in lower case", withHeader(`{"alg":"hs256"}`), algorithm},
		{"alg with a space", withHeader(`{"alg":"HS256 "}`), algorithm},
		{"alg with a null character", withHeader(`{"alg":"HS256\u0000"}`), algorithm},
		{"HS512 rightly signed under the right secret", signHS512(student()), algorithm},
	}
	for _, none := range []string{"none", "None", "NONE", "nOnE"} {
		attacks = append(attacks, attack{"unsigned, alg " + none, unsigned(`{"alg":"` + none + `"}`), algorithm})
	}
	for _, other := range []string{"HS384", "RS256", "RS512", "PS256", "ES256", "ES256K", "EdDSA", "Ed25519", "A256GCMKW", "dir"} {
		attacks = append(attacks, attack{"alg " + other + " over an HS256 signature", withHeader(`{"alg":"` + other + `"}`), algorithm})
	}
	return attacks
}

func signatureAttacks() []attack {
	good := sign(student())
	signed := good[:strings.LastIndexByte(good, '.')]
	first, _ := base64.RawURLEncoding.DecodeString(good[len(signed)+1:])
	part := func(signature []byte) string { return signed + "." + portstest.EncodePart(string(signature)) }
	flipped := bytes.Clone(first)
	flipped[31] ^= 1
	parts := strings.Split(good, ".")
	return []attack{
		{"no signature", signed + ".", signature},
		{"a signature of one byte", part(first[:1]), signature},
		{"a signature short by one byte", part(first[:31]), signature},
		{"a signature with a byte more", part(append(bytes.Clone(first), 0)), signature},
		{"one bit of the signature changed", part(flipped), signature},
		{"a signature of zeros", part(make([]byte, 32)), signature},
		{"another token's signature", signed + "." + strings.Split(sign(student().With("sub", "other")), ".")[2], signature},
		{"signed with another secret", portstest.Token(portstest.OtherSecret, student()), signature},
		{"signed with no secret", portstest.Token("", student()), signature},
		{"signed with the secret in base64", portstest.Token(base64.StdEncoding.EncodeToString([]byte(portstest.Secret)), student()), signature},
		{"signed with the secret and a line break", portstest.Token(portstest.Secret+"\n", student()), signature},
		{"signed with the start of the secret", portstest.Token(portstest.Secret[:32], student()), signature},
		{"the payload changed after signing", parts[0] + "." + portstest.EncodePart(portstest.SuperadminClaims(now).JSON()) + "." + parts[2], signature},
		{"the header changed after signing", portstest.EncodePart(`{"typ":"JWT","alg":"HS256"}`) + "." + parts[1] + "." + parts[2], signature},
		{"signed with the previous secret", portstest.Token(portstest.PreviousSecret, student()), accepted},
	}
}

func userAttacks() []attack {
	return []attack{
		{"the anon key", sign(portstest.Claims{"role": "anon", "iss": "supabase", "ref": "x", "iat": now.Unix(), "exp": now.Unix() + 60}), notAUser},
		{"the service_role key", sign(portstest.Claims{"role": "service_role", "iss": "supabase", "iat": now.Unix(), "exp": now.Unix() + 60}), notAUser},
		{"the anon key dressed as a user", sign(student().With("role", "anon")), notAUser},
		{"the service_role key dressed as a user", sign(portstest.SuperadminClaims(now).With("role", "service_role")), notAUser},
		{"a role of the database", sign(student().With("role", "supabase_admin")), notAUser},
		{"no top-level role", sign(student().Without("role")), notAUser},
		{"the top-level role empty", sign(student().With("role", "")), notAUser},
		{"the top-level role in upper case", sign(student().With("role", "AUTHENTICATED")), notAUser},
		{"the top-level role with a null character", sign(student().With("role", "authenticated\x00")), notAUser},
		{"the top-level role null", sign(student().With("role", nil)), notAUser},
		{"the top-level role a list", sign(student().With("role", []string{"authenticated"})), notAUser},
		{"the top-level role a role of the platform", sign(student().With("role", "superadmin")), notAUser},
		{"an anonymous user", sign(student().With("is_anonymous", true)), notAUser},
		{"not an anonymous user", sign(student().With("is_anonymous", false)), accepted},
		{"is_anonymous the string false", sign(student().With("is_anonymous", "false")), badClaims},
		{"is_anonymous the number 0", sign(student().With("is_anonymous", 0)), badClaims},
		{"is_anonymous null", sign(student().With("is_anonymous", nil)), badClaims},
	}
}

func timeAttacks() []attack {
	const latest = "253402300799"
	at := func(name, value string) string {
		return sign(student().With(name, json.RawMessage(value)))
	}
	seconds := func(name string, fromNow int64) string { return sign(student().With(name, now.Unix()+fromNow)) }
	attacks := []attack{
		{"an expired token", sign(portstest.ExpiredClaims(now)), expired},
		{"exp within the leeway", seconds("exp", -4), accepted},
		{"exp half a second past the leeway", seconds("exp", -5), expired},
		{"exp 0", at("exp", "0"), expired},
		{"exp in milliseconds", at("exp", "1771502400000"), badClaims},
		{"exp the latest time", at("exp", latest), accepted},
		{"exp the latest time with a fraction", at("exp", latest+".5"), accepted},
		{"exp a second after the latest time", at("exp", "253402300800"), badClaims},
		{"exp with a fraction, cut", at("exp", fmt.Sprintf("%d.999", now.Unix()-5)), expired},
		{"exp in exponent form", at("exp", "2e9"), accepted},
		{"exp in exponent form, long past", at("exp", "1E9"), expired},
		{"exp 1e400", at("exp", "1e400"), badClaims},
		{"exp -1e400", at("exp", "-1e400"), badClaims},
		{"exp 1e-400, which is 0", at("exp", "1e-400"), expired},
		{"exp with 1,000 digits", at("exp", strings.Repeat("9", 1000)), badClaims},
		{"exp past 64 bits", at("exp", "18446744073709551616"), badClaims},
		{"nbf now", seconds("nbf", 0), accepted},
		{"nbf within the leeway", seconds("nbf", 5), accepted},
		{"nbf half a second past the leeway", seconds("nbf", 6), notYet},
		{"nbf a second after the latest time", at("nbf", "253402300800"), badClaims},
		{"nbf in the year 9999", at("nbf", latest), notYet},
		{"iat within the leeway", seconds("iat", 5), accepted},
		{"iat half a second past the leeway", seconds("iat", 6), notYet},
		{"iat an hour ahead", seconds("iat", 3600), notYet},
		{"iat 0", at("iat", "0"), accepted},
		{"no nbf", sign(student().Without("nbf")), accepted},
		{"no exp", sign(student().Without("exp")), badClaims},
		{"no iat", sign(student().Without("iat")), badClaims},
	}
	for _, name := range []string{"exp", "nbf", "iat"} {
		for kind, value := range map[string]string{
			"a string": `"2000000000"`, "null": "null", "true": "true", "a list": "[2000000000]", "an object": "{}",
			"negative": "-1", "a negative fraction": "-0.5",
		} {
			attacks = append(attacks, attack{name + " " + kind, at(name, value), badClaims})
		}
	}
	return attacks
}

func audienceAttacks() []attack {
	return []attack{
		{"another audience", sign(student().With("aud", "other")), audience},
		{"no aud", sign(student().Without("aud")), audience},
		{"aud empty", sign(student().With("aud", "")), audience},
		{"aud null", sign(student().With("aud", nil)), audience},
		{"aud true", sign(student().With("aud", true)), audience},
		{"aud an object", sign(student().With("aud", portstest.Claims{"authenticated": true})), audience},
		{"aud in upper case", sign(student().With("aud", "Authenticated")), audience},
		{"aud with more behind it", sign(student().With("aud", "authenticated,other")), audience},
		{"aud with a null character", sign(student().With("aud", "authenticated\x00")), audience},
		{"aud a list of one", sign(student().With("aud", []string{"authenticated"})), accepted},
		{"aud in a list with others", sign(student().With("aud", []string{"other", "authenticated"})), accepted},
		{"aud an empty list", sign(student().With("aud", []string{})), audience},
		{"aud a list of others", sign(student().With("aud", []string{"other"})), audience},
		{"aud a list with a number in it", sign(student().With("aud", []any{"authenticated", 5})), audience},
		{"aud a list with null in it", sign(student().With("aud", []any{nil, "authenticated"})), audience},
		{"aud a list in a list", sign(student().With("aud", []any{[]string{"authenticated"}})), audience},
	}
}

func claimAttacks() []attack {
	attacks := []attack{
		{"no sub", sign(student().Without("sub")), badClaims},
		{"sub empty", sign(student().With("sub", "")), badClaims},
		{"sub with a null character", sign(student().With("sub", "admin\x00")), badClaims},
		{"sub with a line break", sign(student().With("sub", "admin\nrole=superadmin")), badClaims},
		{"no email: a user with only a phone", sign(student().Without("email").With("phone", "15551234567")), badAccount},
		{"email empty", sign(student().With("email", "")), badAccount},
		{"email with a null character", sign(student().With("email", "a@b.c\x00@d.e")), badAccount},
		{"an email in any script", sign(student().With("email", "marcus@münchen.example")), accepted},
		{"unknown claims of any type", sign(student().With("session_id", 1).With("amr", []any{nil}).With("", true)), accepted},
	}
	return append(append(attacks, wrongTypes(badClaims, "sub")...), wrongTypes(badAccount, "email")...)
}

func metadataAttacks() []attack {
	superadmin := portstest.Claims{"role": "superadmin"}
	attacks := []attack{
		{"no app_metadata", sign(student().Without("app_metadata")), badAccount},
		{"app_metadata null", sign(student().With("app_metadata", nil)), badAccount},
		{"app_metadata a string of JSON", sign(student().With("app_metadata", superadmin.JSON())), badAccount},
		{"app_metadata a list", sign(student().With("app_metadata", []any{superadmin})), badAccount},
		{"app_metadata nested in app_metadata", sign(student().With("app_metadata", portstest.Claims{"app_metadata": student()["app_metadata"]})), badAccount},
		{"role in user_metadata", sign(student().Without("app_metadata.role").With("user_metadata", superadmin)), badAccount},
		{"all of it in user_metadata", sign(student().Without("app_metadata").With("user_metadata", student()["app_metadata"])), badAccount},
		{"user_metadata of a wrong type, never read", sign(student().With("user_metadata", "superadmin")), accepted},
		{"the story's flat claims, without app_metadata", sign(student().Without("app_metadata").With("institution_id", "inst-uuid-1").With("is_course_director", true)), badAccount},
		{"no role in app_metadata", sign(student().Without("app_metadata.role")), badAccount},
		{"Role in place of role", sign(student().Without("app_metadata.role").With("app_metadata.Role", "superadmin")), badAccount},
		{"role empty", sign(student().With("app_metadata.role", "")), badAccount},
		{"role in upper case", sign(student().With("app_metadata.role", "SUPERADMIN")), badAccount},
		{"role unknown", sign(student().With("app_metadata.role", "owner")), badAccount},
		{"role with a space", sign(student().With("app_metadata.role", " superadmin")), badAccount},
		{"role with a null character", sign(student().With("app_metadata.role", "superadmin\x00")), badAccount},
		{"two roles", sign(student().With("app_metadata.role", []string{"student", "superadmin"})), badAccount},
		{"a student without an institution", sign(student().Without("app_metadata.institution_id")), badAccount},
		{"a student with an empty institution", sign(student().With("app_metadata.institution_id", "")), badAccount},
		{"a superadmin with a null institution", sign(portstest.SuperadminClaims(now).With("app_metadata.institution_id", nil)), badAccount},
		{"institution_id with a null character", sign(student().With("app_metadata.institution_id", "inst-uuid-1\x00")), badAccount},
		{"institution_id outside app_metadata", sign(student().Without("app_metadata.institution_id").With("institution_id", "inst-uuid-1")), badAccount},
		{"is_course_director the string true", sign(student().With("app_metadata.is_course_director", "true")), badAccount},
		{"is_course_director the number 1", sign(student().With("app_metadata.is_course_director", 1)), badAccount},
		{"is_course_director null", sign(student().With("app_metadata.is_course_director", nil)), badAccount},
	}
	return append(attacks, wrongTypes(badAccount, "app_metadata.role", "app_metadata.institution_id")...)
}

// wrongTypes gives each claim that must be a string every other type.
func wrongTypes(want core.Reason, names ...string) []attack {
	var attacks []attack
	for _, name := range names {
		for kind, value := range map[string]any{
			"null": nil, "a number": 7, "true": true, "a list": []string{"x"}, "an object": portstest.Claims{"x": "y"},
		} {
			attacks = append(attacks, attack{name + " as " + kind, sign(student().With(name, value)), want})
		}
	}
	return attacks
}

func withHeader(header string) string {
	return portstest.SignHS256(portstest.Secret, header, student().JSON())
}

// forgedWith signs with the key that the header names, or would like to be used.
func forgedWith(header string) string {
	return portstest.SignHS256("\x00\x00\x00", header, student().JSON())
}

func signHS512(claims portstest.Claims) string {
	signed := portstest.EncodePart(`{"alg":"HS512","typ":"JWT"}`) + "." + portstest.EncodePart(claims.JSON())
	mac := hmac.New(sha512.New, []byte(portstest.Secret))
	mac.Write([]byte(signed))
	return signed + "." + portstest.EncodePart(string(mac.Sum(nil)))
}

// unencodedPayload has its payload as it is, as RFC 7797 allows if b64 is false.
func unencodedPayload() string {
	return portstest.EncodePart(`{"alg":"HS256","b64":false,"crit":["b64"]}`) + "." + student().JSON() + ".AAAA"
}

func deflated(text string) string {
	var compressed bytes.Buffer
	writer, _ := flate.NewWriter(&compressed, flate.BestCompression)
	_, _ = writer.Write([]byte(text))
	_ = writer.Close()
	return compressed.String()
}

// otherAlphabet writes the part so that it needs a letter of the standard alphabet.
func otherAlphabet(part string) string { return "+/" + part[2:] }

// nextInAlphabet changes the last letter to the next one: for a part of 32 bytes only bits that no byte uses.
func nextInAlphabet(part string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, part[len(part)-1])
	return part[:len(part)-1] + string(alphabet[last+1])
}
