package core

import "time"

// The rules for tokens that the settings and the verifier share.
const (
	// MinSecretBytes is the least length of a shared secret, in bytes: RFC 7518, section 3.2, asks of a key for HS256
	// as many bits as its hash has.
	MinSecretBytes = 32
	// MaxTokenLeeway bounds the tolerance for differing clocks, so that it does not become a second lifetime.
	MaxTokenLeeway = time.Minute
	// DevelopmentIssuer is the issuer of development tokens, which production refuses.
	DevelopmentIssuer = "journey-api-dev"
)
