package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/core/health"
)

// banner prints addresses and hints for a person at a terminal, only in development, and missing dependencies only
// once.
type banner struct {
	out      io.Writer
	version  string
	settings config.Settings
	// dependencies are all dependencies.
	dependencies []app.Dependency

	lock sync.Mutex
	// first has each dependency's first state, in words.
	first map[string]string
}

func newBanner(p Process, settings config.Settings) *banner {
	return &banner{out: p.Stderr, version: p.Version, settings: settings, first: map[string]string{}}
}

func (b *banner) isSilent() bool { return b.settings.Environment == config.Production }

func (b *banner) listening(address net.Addr) {
	if b.isSilent() {
		return
	}
	base := "http://" + reachable(address)
	var text strings.Builder
	fmt.Fprintf(&text, "Journey API %s listens on %s\n", b.version, base)
	if app.HasPracticePage(b.settings) {
		fmt.Fprintf(&text, "  practice  %s/practice\n", base)
	}
	if b.settings.HTTP.DocsEnabled {
		fmt.Fprintf(&text, "  docs      %s/docs\n", base)
	}
	fmt.Fprintf(&text, "  health    %s/health\n", base)
	fmt.Fprintf(&text, "  token     make token ROLE=student, or journey-api token --role student\n")
	say(b.out, text.String())
}

// try prints how to record a first answer, if the bank has the demo item.
func (b *banner) try(service *app.App) {
	if b.isSilent() || !app.CanSignTokens(b.settings) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tryTimeout)
	defer cancel()
	item := service.FindItem(ctx, demo.FirstConceptID)
	if item == nil || item.Key == "" {
		return
	}
	say(b.out, fmt.Sprintf("  try       %s\n", tryLine("http://"+reachable(service.Address()), *item, time.Now())))
}

// tryTimeout bounds looking for the item.
const tryTimeout = time.Second

// tryLine returns a shell command that records an answer of the student of make token ROLE=student.
func tryLine(base string, item bank.Item, now time.Time) string {
	return fmt.Sprintf(`curl %s/api/bkt/update -H "Authorization: Bearer $(make token ROLE=student)" -H 'Content-Type: application/json' `+
		`-d '{"student_id":%q,"concept_id":%q,"item_id":%q,"response":%q,"latency_ms":5200,"timestamp":%q}'`,
		base, developmentSubject(string(core.RoleStudent), developmentInstitution), item.ConceptID, item.ID, item.Key, now.UTC().Format(time.RFC3339))
}

// dependencyKnown collects the first states and then prints, once, which dependencies can't be reached.
func (b *banner) dependencyKnown(dependency health.Dependency) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if _, known := b.first[dependency.Name]; known || b.isSilent() {
		return
	}
	b.first[dependency.Name] = ""
	if dependency.Status != health.StatusOK {
		known := b.dependencies[slices.IndexFunc(b.dependencies, func(d app.Dependency) bool { return d.Name == dependency.Name })]
		b.first[dependency.Name] = fmt.Sprintf("%s (%s: %s)", known.Title, known.Address, dependency.Fault)
	}
	if len(b.first) == len(b.dependencies) {
		b.reportMissing()
	}
}

// reportMissing prints the missing dependencies: those without which the service is not ready, and the others.
func (b *banner) reportMissing() {
	var required, optional []string
	for name, words := range b.first {
		switch {
		case words == "":
		case slices.Contains(b.settings.Health.Required, name):
			required = append(required, words)
		default:
			optional = append(optional, words)
		}
	}
	var text string
	if len(required) > 0 {
		text += areUnreachable(required) + " The service is not ready without, and /health says so.\n"
	}
	if len(optional) > 0 {
		text += areUnreachable(optional) + " The service runs without, and /health says so; make stack starts them.\n"
	}
	if text != "" {
		say(b.out, text)
	}
}

func areUnreachable(words []string) string {
	slices.Sort(words)
	if len(words) == 1 {
		return words[0] + " is not there."
	}
	return inWords(words) + " are not there."
}

// inWords joins words as in a sentence: "a, b and c".
func inWords(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// reachable turns the address of a listener into one that a browser can open.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return address.String()
	}
	if tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return tcp.String()
}
