package cli

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core/health"
)

// banner tells a person at a terminal where to look. It speaks in development alone, and of missing dependencies once.
type banner struct {
	out      io.Writer
	version  string
	settings config.Settings
	// dependencies are all that there are.
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
	if b.settings.HTTP.DocsEnabled {
		fmt.Fprintf(&text, "  docs    %s/docs\n", base)
	}
	fmt.Fprintf(&text, "  health  %s/health\n", base)
	fmt.Fprintf(&text, "  token   make token ROLE=student, or journey-api token --role student\n")
	say(b.out, text.String())
}

// dependencyKnown collects the first states and then says, once, which dependencies are not there.
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
		b.sayWhatIsMissing()
	}
}

func (b *banner) sayWhatIsMissing() {
	var missing []string
	for _, words := range b.first {
		if words != "" {
			missing = append(missing, words)
		}
	}
	if len(missing) == 0 {
		return
	}
	slices.Sort(missing)
	verb := "is"
	if len(missing) > 1 {
		verb = "are"
	}
	say(b.out, fmt.Sprintf("%s %s not there. The service runs without, and /health says so; make stack starts them.\n",
		inWords(missing), verb))
}

// inWords lists them as a sentence does: "a, b and c".
func inWords(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// reachable turns an address that is listened on into one that a browser can open.
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
