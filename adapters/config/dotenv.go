package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Source is where a .env comes from. The zero Source is none.
type Source struct {
	path     string
	optional bool
	content  string
}

// File is the .env at path; it must be there.
func File(path string) Source { return Source{path: path} }

// OptionalFile is the .env at path, if there is one.
func OptionalFile(path string) Source { return Source{path: path, optional: true} }

// Text is a .env with this content.
func Text(content string) Source { return Source{content: content} }

// name is its name in a fault: the path that was given.
func (s Source) name() string {
	if s.path == "" {
		return ".env"
	}
	return s.path
}

// named is the path of a file that the caller named, "" for the default .env.
func (s Source) named() string {
	if s.optional {
		return ""
	}
	return s.path
}

// read returns the content; its errors quote nothing of it.
func (s Source) read() (string, error) {
	if s.path == "" {
		return s.content, s.check(s.content)
	}
	content, err := readFile(s.path, maxDotenvBytes)
	if s.optional && errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", errors.New(reason(err))
	}
	return content, s.check(content)
}

func (Source) check(content string) error {
	if !utf8.ValidString(content) || strings.ContainsRune(content, 0) {
		return errors.New("is not UTF-8 text")
	}
	return nil
}

// maxDotenvBytes and maxSecretBytes bound what is read.
const (
	maxDotenvBytes = 1 << 20
	maxSecretBytes = 64 << 10
)

var errTooLarge = errors.New("too large")

// readFile reads up to limit bytes, so that a wrong path (a device, say) can't fill the memory.
func readFile(path string, limit int64) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = errTooLarge
	}
	return string(content), err
}

// reason describes a failure to read without the path: a secret may have been given in its place by mistake.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read by this user"
	case errors.Is(err, syscall.EISDIR):
		return "is a directory"
	case errors.Is(err, errTooLarge):
		return "is too large"
	default:
		return "can't be read"
	}
}

// dotenvLine is one assignment of a .env, or a faulty line (problem).
type dotenvLine struct {
	number  int
	name    string
	value   string
	problem string
}

// parseDotenv reads NAME=value lines. Dialects of .env differ, and the common parsers silently change a password: they
// expand $NAME, drop backslashes and let an open quote swallow the lines below. Here
//   - a value stands as it is, without the spaces around it and without a comment (a # after a space);
//   - '…' is taken to the letter; "…" knows \\, \", \$ and \n; each ends on its line;
//   - nothing is ever expanded; `export ` before a name is passed over;
//   - a line that is none of this is a problem, and the lines after it are read all the same.
func parseDotenv(content string) []dotenvLine {
	var lines []dotenvLine
	number := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(content, "\ufeff"), "\n") {
		number++
		line = trimBlank(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, err := parseAssignment(line)
		parsed := dotenvLine{number: number, name: name, value: value}
		if err != nil {
			parsed.problem = err.Error()
		}
		lines = append(lines, parsed)
	}
	return lines
}

func trimBlank(text string) string { return strings.Trim(text, " \t\r") }

var namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func parseAssignment(line string) (name, value string, err error) {
	if rest, found := strings.CutPrefix(line, "export"); found && rest != trimBlank(rest) {
		line = trimBlank(rest)
	}
	name, raw, found := strings.Cut(line, "=")
	name = trimBlank(name)
	if !found || !namePattern.MatchString(name) {
		return "", "", errors.New("is not NAME=value")
	}
	value, err = parseValue(raw)
	return name, value, err
}

func parseValue(raw string) (string, error) {
	switch trimmed := trimBlank(raw); {
	case strings.HasPrefix(trimmed, "'"):
		value, after, closed := strings.Cut(trimmed[1:], "'")
		return closedQuote(value, after, closed)
	case strings.HasPrefix(trimmed, `"`):
		return parseDoubleQuoted(trimmed[1:])
	}
	for i := 1; i < len(raw); i++ {
		if raw[i] == '#' && (raw[i-1] == ' ' || raw[i-1] == '\t') {
			raw = raw[:i]
		}
	}
	return trimBlank(raw), nil
}

func parseDoubleQuoted(raw string) (string, error) {
	var value strings.Builder
	for i := 0; i < len(raw); i++ {
		switch b := raw[i]; {
		case b == '"':
			return closedQuote(value.String(), raw[i+1:], true)
		case b != '\\':
			value.WriteByte(b)
		case i+1 == len(raw):
			return closedQuote("", "", false)
		default:
			i++
			unescaped, known := map[byte]byte{'\\': '\\', '"': '"', '$': '$', 'n': '\n'}[raw[i]]
			if !known {
				return "", errors.New(`has a backslash in double quotes that is not \\, \", \$ or \n: single quotes keep it as it is`)
			}
			value.WriteByte(unescaped)
		}
	}
	return closedQuote("", "", false)
}

func closedQuote(value, after string, closed bool) (string, error) {
	if !closed {
		return "", errors.New("has a quote that does not end on its line")
	}
	if after = trimBlank(after); after != "" && after[0] != '#' {
		return "", errors.New("has text after the closing quote")
	}
	return value, nil
}

var plainValue = regexp.MustCompile(`^[A-Za-z0-9_./:@,+*=%-]*$`)

// quoteDotenv writes a value so that parseDotenv, a shell and the common parsers read the same.
func quoteDotenv(value string) string {
	if plainValue.MatchString(value) {
		return value
	}
	if !strings.ContainsAny(value, "'\n") {
		return "'" + value + "'"
	}
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`).Replace(value)
	return `"` + escaped + `"`
}
