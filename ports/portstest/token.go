package portstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"time"
)

// Secret signs the test tokens, PreviousSecret those from before a rotation, and OtherSecret is never trusted.
const (
	Secret         = "test-secret-of-journey-api-0123456789abcdef"
	PreviousSecret = "test-secret-before-rotation-0123456789abcde"
	OtherSecret    = "test-secret-of-somebody-else-0123456789abcd"
)

// HS256Header is the header of a token as Supabase writes it for a project with a JWT secret, without the kid.
const HS256Header = `{"alg":"HS256","typ":"JWT"}`

// SignHS256 makes a token of any header and payload, valid JSON or not, signed with secret. It uses only the standard
// library, so that the library that verifies tokens is not tested against itself.
func SignHS256(secret, headerJSON, payloadJSON string) string {
	signed := EncodePart(headerJSON) + "." + EncodePart(payloadJSON)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + EncodePart(string(mac.Sum(nil)))
}

// EncodePart is one part of a token in compact form: base64url without padding.
func EncodePart(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }

// Token makes a token of claims with the usual header, signed under secret.
func Token(secret string, claims Claims) string {
	return SignHS256(secret, HS256Header, claims.JSON())
}

// Claims are the claims of an access token in their wire form, the objects in them Claims too. They are built from the
// fixtures below with With and Without, which leave the original as it is.
type Claims map[string]any

// With returns the claims with one more or another value; a dot in name reaches into an object: "app_metadata.role".
func (c Claims) With(name string, value any) Claims {
	changed := maps.Clone(c)
	outer, inner, nested := strings.Cut(name, ".")
	if !nested {
		changed[name] = value
		return changed
	}
	object, _ := c[outer].(Claims)
	if object == nil {
		object = Claims{}
	}
	changed[outer] = object.With(inner, value)
	return changed
}

// Without returns the claims without one, named as for With.
func (c Claims) Without(name string) Claims {
	changed := maps.Clone(c)
	outer, inner, nested := strings.Cut(name, ".")
	if !nested {
		delete(changed, name)
	} else if object, ok := c[outer].(Claims); ok {
		changed[outer] = object.Without(inner)
	}
	return changed
}

// JSON is the payload. It panics on a value that JSON can't encode, which is a mistake in a test.
func (c Claims) JSON() string {
	payload, err := json.Marshal(c)
	if err != nil {
		panic("portstest: " + err.Error())
	}
	return string(payload)
}

// StudentClaims are those of a student, good for an hour from now (STORY-ST-1, section 9, in the wire form of section 5
// with the top-level role that Supabase gives every signed-in user).
func StudentClaims(now time.Time) Claims {
	return Claims{
		"sub":   "student-uuid-1",
		"email": "marcus@msm.edu",
		"role":  "authenticated",
		"app_metadata": Claims{
			"role":               "student",
			"institution_id":     "inst-uuid-1",
			"is_course_director": false,
		},
		"aud": "authenticated",
		"exp": now.Unix() + 3600,
		"iat": now.Unix(),
	}
}

// SuperadminClaims are those of a superadmin who belongs to no institution.
func SuperadminClaims(now time.Time) Claims {
	return StudentClaims(now).
		With("sub", "sa-uuid-1").
		With("email", "admin@journeyos.com").
		With("app_metadata.role", "superadmin").
		With("app_metadata.institution_id", "")
}

// ExpiredClaims are the student's, an hour after they expired.
func ExpiredClaims(now time.Time) Claims {
	return StudentClaims(now).With("exp", now.Unix()-3600)
}

// FacultyClaims are those of a faculty member who directs a course.
func FacultyClaims(now time.Time) Claims {
	return StudentClaims(now).
		With("sub", "faculty-uuid-1").
		With("email", "faculty@msm.edu").
		With("app_metadata.role", "faculty").
		With("app_metadata.is_course_director", true)
}

// RealSizedClaims are a student's with every claim that a Supabase project sends; the token is just under 1 KB.
func RealSizedClaims(now time.Time) Claims {
	return StudentClaims(now).
		With("iss", "https://abcdefghijklmnopqrst.supabase.co/auth/v1").
		With("sub", "3f0c8a5e-5b1d-4a9e-8f57-0c6a1d2b9e44").
		With("phone", "").
		With("aal", "aal1").
		With("amr", []Claims{{"method": "password", "timestamp": now.Unix()}}).
		With("session_id", "9b1f6d0e-7c34-4f0b-a1d2-6f8e5c3b7a90").
		With("is_anonymous", false).
		With("app_metadata.provider", "email").
		With("app_metadata.providers", []string{"email"}).
		With("app_metadata.institution_id", "c2a7e1b8-0d4f-4e6a-9b3c-5f1d8e7a6b20").
		With("user_metadata", Claims{
			"email":          "marcus@msm.edu",
			"email_verified": true,
			"full_name":      "Marcus Example",
			"phone_verified": false,
			"sub":            "3f0c8a5e-5b1d-4a9e-8f57-0c6a1d2b9e44",
		})
}
