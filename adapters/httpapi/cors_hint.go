package httpapi

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A browser tells the developer of a page that a call failed, and not why. In development the log says it, once for each
// origin and header, with the setting that lets it in.

// maxHints bounds what a caller can make the log say.
const maxHints = 100

// maxHintedLength bounds what is repeated of a caller's header, in bytes.
const maxHintedLength = 200

// hints remembers what was said. Those of the zero value are said in no environment.
type hints struct {
	isOn bool
	mu   sync.Mutex
	said map[string]struct{}
}

// isNew reports whether what was never said before, and there is room to remember that it is said now.
func (h *hints) isNew(what string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.said[what]
	if known || len(h.said) >= maxHints {
		return false
	}
	if h.said == nil {
		h.said = map[string]struct{}{}
	}
	h.said[what] = struct{}{}
	return true
}

// hintAtOrigin says what to set for a page whose origin is not listed. A page of this service itself needs nothing: its
// browser does not ask.
func (s *Server) hintAtOrigin(c *fiber.Ctx, origin string) {
	origin = strings.ToLower(origin)
	_, host, _ := strings.Cut(origin, "://")
	if !s.hints.isOn || !isLoggedOrigin(origin) || strings.EqualFold(host, string(c.Request().Host())) || !s.hints.isNew(origin) {
		return
	}
	advice := slog.String("set", "CORS_ORIGINS="+strings.Join(append(slices.Clone(s.config.CORSOrigins), origin), ","))
	if origin == "null" {
		advice = slog.String("problem", "a page from a file or a sandboxed frame has no origin that can be listed: serve it over http")
	}
	s.hint(c, "origin refused", slog.String("origin", origin), advice)
}

// hintAtHeaders says what to set for each header that a preflight asks for and that is not allowed.
func (s *Server) hintAtHeaders(c *fiber.Ctx) {
	if !s.hints.isOn {
		return
	}
	for asked := range strings.SplitSeq(c.Get(fiber.HeaderAccessControlRequestHeaders), ",") {
		asked = strings.ToLower(strings.TrimSpace(asked))
		isAllowed := slices.ContainsFunc(s.cors.headers, func(allowed string) bool { return strings.EqualFold(allowed, asked) })
		if isAllowed || !isLoggedHeader(asked) || !s.hints.isNew(asked) {
			continue
		}
		s.hint(c, "request header refused", slog.String("header", asked),
			slog.String("set", "CORS_HEADERS="+strings.Join(append(slices.Clone(s.config.CORSHeaders), asked), ",")))
	}
}

func (s *Server) hint(c *fiber.Ctx, message string, attrs ...slog.Attr) {
	if !s.log.Enabled(c.UserContext(), slog.LevelWarn) {
		return
	}
	record := slog.NewRecord(time.Now(), slog.LevelWarn, message, 0)
	record.AddAttrs(slog.String("correlation_id", string(exchangeOf(c).correlationID)))
	record.AddAttrs(attrs...)
	_ = s.log.Handle(c.UserContext(), record) // a log that can't be written has nobody left to tell
}

// isLoggedOrigin reports whether origin is of a browser's form, so that nothing else of a caller's comes into the log.
func isLoggedOrigin(origin string) bool {
	scheme, host, isURL := strings.Cut(origin, "://")
	return origin == "null" || isURL && len(origin) <= maxHintedLength && scheme != "" && host != "" &&
		!strings.ContainsFunc(scheme, isNoLetterOfALabel) &&
		!strings.ContainsFunc(host, func(r rune) bool { return isNoLetterOfALabel(r) && !strings.ContainsRune(".:[]", r) })
}

func isLoggedHeader(name string) bool {
	return name != "" && len(name) <= maxHintedLength && !strings.ContainsFunc(name, isNoLetterOfALabel)
}
