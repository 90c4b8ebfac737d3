package httpapi

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A browser does not tell the developer of a page why a call failed. In development the log does, once for each origin
// and header, with the setting that allows it.

// maxHints bounds what a caller can add to the log.
const maxHints = 100

// maxHintedLength bounds what is logged of a caller's header, in bytes.
const maxHintedLength = 200

// maxHintedHeaders bounds how many headers one line names.
const maxHintedHeaders = 10

// hints remembers which hints were logged. The zero value logs none.
type hints struct {
	isOn bool
	mu   sync.Mutex
	said map[string]struct{}
}

// isNew reports whether a hint was not logged before, and remembers it. It reports false if there is no room to
// remember it.
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

// hintAtOrigin logs what to set for a page whose origin is not listed. A page of this service itself needs no CORS.
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

// hintAtHeaders logs what to set for the headers that a preflight asks for and that are not allowed, if one of them is
// new.
func (s *Server) hintAtHeaders(c *fiber.Ctx) {
	if !s.hints.isOn {
		return
	}
	var refused []string
	isNew := false
	for asked := range strings.SplitSeq(c.Get(fiber.HeaderAccessControlRequestHeaders), ",") {
		asked = strings.ToLower(strings.TrimSpace(asked))
		if hasHeader(s.cors.headers, asked) || !isLoggedHeader(asked) || len(refused) == maxHintedHeaders {
			continue
		}
		refused = append(refused, asked)
		isNew = s.hints.isNew(asked) || isNew
	}
	if isNew {
		s.hint(c, "request header refused", slog.String("header", strings.Join(refused, ",")),
			slog.String("set", "CORS_HEADERS="+strings.Join(slices.Concat(s.config.CORSHeaders, refused), ",")))
	}
}

func (s *Server) hint(c *fiber.Ctx, message string, attrs ...slog.Attr) {
	if !s.log.Enabled(c.UserContext(), slog.LevelWarn) {
		return
	}
	record := slog.NewRecord(time.Now(), slog.LevelWarn, message, 0)
	record.AddAttrs(slog.String("correlation_id", string(exchangeOf(c).correlationID)))
	record.AddAttrs(attrs...)
	_ = s.log.Handle(c.UserContext(), record) // an error of the log can't be reported anywhere
}

// isLoggedOrigin reports whether origin has the form that browsers send, so that a caller can log nothing else.
func isLoggedOrigin(origin string) bool {
	scheme, host, isURL := strings.Cut(origin, "://")
	return origin == "null" || isURL && len(origin) <= maxHintedLength && scheme != "" && host != "" &&
		!strings.ContainsFunc(scheme, isOutsideLabel) &&
		!strings.ContainsFunc(host, func(r rune) bool { return isOutsideLabel(r) && !strings.ContainsRune(".:[]", r) })
}

func isLoggedHeader(name string) bool {
	return name != "" && len(name) <= maxHintedLength && !strings.ContainsFunc(name, isOutsideLabel)
}
