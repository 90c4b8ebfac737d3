package architecture_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/types"
	"iter"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
)

// The documents are compared with the code and the files: routes, codes, reasons, states and faults of the key
// endpoint, subcommands, dependencies, links and make targets.

// documents lists those that are checked.
func documents(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("docs/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("docs has no document: %v", err)
	}
	return append(names, "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
}

func TestTheDocumentsListWhatTheBinaryHas(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it builds the binary")
	}
	binary := filepath.Join(t.TempDir(), "journey-api")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", binary, "./bootstrap").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	run := func(t *testing.T, argument string) []byte {
		output, err := exec.CommandContext(t.Context(), binary, argument).Output()
		if err != nil {
			t.Fatal(err)
		}
		return output
	}
	t.Run("every route and who may call it", func(t *testing.T) { wantRoutes(t, run(t, "openapi")) })
	t.Run("every subcommand", func(t *testing.T) { wantCommands(t, string(run(t, "--help"))) })
}

func wantRoutes(t *testing.T, openapi []byte) {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Access string `json:"x-access"`
		}
	}
	decode(t, openapi, &document)
	want, got := map[string]string{}, map[string]string{}
	for path, operations := range document.Paths {
		for method, operation := range operations {
			want[strings.ToUpper(method)+" "+path] = operation.Access
		}
	}
	for _, table := range tablesUnder(t, "| method | path | who | try it |") { // an engine may have a document of its own
		for _, row := range table {
			got[row[0]+" "+plain(row[1])] = row[2]
		}
	}
	wantSame(t, want, got)
}

func wantCommands(t *testing.T, help string) {
	t.Helper()
	_, list, _ := strings.Cut(help, "Commands:\n")
	var want, got []string
	for _, match := range regexp.MustCompile(`(?m)^  ([a-z]+)  `).FindAllStringSubmatch(list, -1) {
		want = append(want, match[1])
	}
	for _, row := range tableUnder(t, "| command | what it does |") {
		got = append(got, strings.Fields(plain(row[0]))[1])
	}
	wantSame(t, want, got)
}

func TestTheDocumentsListEveryCodeWithItsStatus(t *testing.T) {
	tree := loadTree(t)
	codes := constantsOf(tree, "core", "Code")
	maps.Copy(codes, constantsOf(tree, "adapters/httpapi", "core.Code"))
	want, got := map[string]string{}, map[string]string{}
	for _, row := range failureCodes(tree) {
		want[codes[lastName(row["Code"])]] = lastName(row["Status"])
	}
	for _, row := range tableUnder(t, "| status | code | again? | what to do |") {
		status, err := strconv.Atoi(row[0])
		if err != nil {
			t.Error(err)
		}
		got[plain(row[1])] = "Status" + strings.ReplaceAll(http.StatusText(status), " ", "")
	}
	wantSame(t, want, got)
}

// failureCodes are the rows of the table from code to status, as the source has them: the platform's, and those that the
// engines' routes add.
func failureCodes(tree []source) []map[string]ast.Expr {
	var rows []map[string]ast.Expr
	for _, file := range tree {
		if file.isTest || !strings.HasPrefix(file.path, "adapters/httpapi/") {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			literal, ok := node.(*ast.CompositeLit)
			switch {
			case !ok || literal.Type == nil:
			case types.ExprString(literal.Type) == "[]FailureCode":
				for _, row := range literal.Elts {
					rows = append(rows, fieldsOf(row))
				}
			case types.ExprString(literal.Type) == "httpapi.FailureCode":
				rows = append(rows, fieldsOf(literal))
			}
			return true
		})
	}
	return rows
}

func TestTheTableOfCodesHasEveryReason(t *testing.T) {
	tree := loadTree(t)
	reasons := constantsOf(tree, "core", "Reason")
	var got []string
	for _, row := range failureCodes(tree) {
		if list, ok := row["Reasons"].(*ast.CompositeLit); ok {
			for _, reason := range list.Elts {
				got = append(got, reasons[lastName(reason)])
			}
		}
	}
	slices.Sort(got)
	wantSame(t, slices.Sorted(maps.Values(reasons)), got)
}

func TestTheDocumentsListEveryReason(t *testing.T) {
	want := slices.Sorted(maps.Values(constantsOf(loadTree(t), "core", "Reason")))
	var got []string
	for _, row := range tableUnder(t, "| code | reason | what it means for the client |") {
		got = append(got, plain(row[1]))
	}
	slices.Sort(got)
	wantSame(t, want, got)
}

func TestTheDocumentsListEveryStateOfTheKeyEndpoint(t *testing.T) {
	want := slices.Sorted(maps.Values(constantsOf(loadTree(t), "adapters/jwtauth/keyring", "EndpointState")))
	var got []string
	for _, row := range tableUnder(t, "| state | what it means |") {
		got = append(got, plain(row[0]))
	}
	slices.Sort(got)
	wantSame(t, want, got)
}

// The table also lists faults that are no constants of the adapter: the network's words, and statuses.
func TestTheDocumentsListEveryFaultOfTheKeyEndpoint(t *testing.T) {
	listed := map[string]bool{}
	for _, row := range tableUnder(t, "| fault | what to look at |") {
		for _, fault := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[0], -1) {
			listed[fault[1]] = true
		}
	}
	faults := constantsOf(loadTree(t), "adapters/jwtauth/keyring", "Fault")
	if len(faults) == 0 {
		t.Fatal("the adapter names no fault: this test looks for them in the wrong place")
	}
	for _, fault := range faults {
		if !listed[fault] {
			t.Errorf("no document says what to do about the fault %q", fault)
		}
	}
}

// constantsOf returns the names and texts of a package's constants of a type.
func constantsOf(tree []source, folder, typeName string) map[string]string {
	constants := map[string]string{}
	for spec := range valuesOf(tree, folder) {
		if text, ok := spec.Values[0].(*ast.BasicLit); ok && types.ExprString(spec.Type) == typeName {
			constants[spec.Names[0].Name] = strings.Trim(text.Value, `"`)
		}
	}
	return constants
}

// fieldsOf are the fields that a struct literal sets.
func fieldsOf(literal ast.Expr) map[string]ast.Expr {
	fields := map[string]ast.Expr{}
	for _, element := range literal.(*ast.CompositeLit).Elts {
		pair := element.(*ast.KeyValueExpr)
		fields[types.ExprString(pair.Key)] = pair.Value
	}
	return fields
}

// valuesOf goes through the constants and variables that a package gives a value at its top.
func valuesOf(tree []source, folder string) iter.Seq[*ast.ValueSpec] {
	return func(yield func(*ast.ValueSpec) bool) {
		for _, file := range tree {
			if file.folder() != folder || file.isTest {
				continue
			}
			for _, declared := range file.syntax.Decls {
				group, _ := declared.(*ast.GenDecl)
				if group == nil {
					continue
				}
				for _, spec := range group.Specs {
					if value, ok := spec.(*ast.ValueSpec); ok && len(value.Values) > 0 && !yield(value) {
						return
					}
				}
			}
		}
	}
}

// lastName is Name of Name and of pkg.Name.
func lastName(expression ast.Expr) string {
	words := strings.Split(types.ExprString(expression), ".")
	return words[len(words)-1]
}

// The bound on memory is computed in one place, from the settings' defaults and from those of the manifests.
func TestTheDocumentsSayHowMuchMemoryCallersCanTake(t *testing.T) {
	values := map[string]string{}
	for _, setting := range config.Reference() {
		values[setting.Name] = setting.Default
	}
	most := func() int {
		limits := map[string]int{"MAX_IN_FLIGHT": 0, "MAX_HEADER_BYTES": 0, "MAX_BODY_BYTES": 0}
		for name := range limits {
			number, err := strconv.Atoi(values[name])
			if err != nil {
				t.Fatal(err)
			}
			limits[name] = number
		}
		return httpapi.Config{
			MaxInFlight: limits["MAX_IN_FLIGHT"], MaxHeaderBytes: limits["MAX_HEADER_BYTES"], MaxBodyBytes: limits["MAX_BODY_BYTES"],
		}.MostMemory() >> 20
	}
	want := fmt.Sprintf("%d MiB with the defaults", most())
	for line := range strings.Lines(readFile(t, "deploy/kubernetes/overlays/production/settings.env")) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[name] = value
		}
	}
	want += fmt.Sprintf(", %d MiB with the settings of the manifests", most())
	if !strings.Contains(readFile(t, "docs/operate.md"), want) {
		t.Errorf("docs/operate.md does not say %q", want)
	}
}

func TestTheDocumentsSayWhyEachDependencyIsThere(t *testing.T) {
	const binary, tools = "in the binary", "for tests and tools"
	modules := readFile(t, "go.mod")
	required := regexp.MustCompile(`(?m)^(?:require |\t)(\S+) v`).FindAllStringSubmatch(modules, -1)
	moduleOf := func(imported string) string {
		longest := ""
		for _, module := range required {
			if under(imported, module[1]) && len(module[1]) > len(longest) {
				longest = module[1]
			}
		}
		return longest
	}
	want, got := map[string]string{}, map[string]string{}
	for _, tool := range regexp.MustCompile(`(?m)^(?:tool |\t)(\S+)$`).FindAllStringSubmatch(modules, -1) {
		want[moduleOf(tool[1])] = tools
	}
	for _, file := range loadTree(t) {
		for _, imported := range file.imports {
			module := moduleOf(imported)
			switch {
			case !isVendor(imported):
			case !file.isTest && !file.isTool():
				want[module] = binary
			case want[module] == "":
				want[module] = tools
			}
		}
	}
	for i, rows := range tablesUnder(t, "| module | why |") {
		for _, row := range rows {
			got[plain(row[0])] = []string{binary, tools}[i]
		}
	}
	wantSame(t, want, got)
}

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	for _, name := range documents(t) {
		text := readFile(t, name)
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			linked := text
			if target != "" {
				target = path.Join(path.Dir(name), target)
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s links to %s: %v", name, target, err)
					continue
				}
				if anchor != "" {
					linked = readFile(t, target)
				}
			}
			if anchor != "" && !slices.Contains(anchorsOf(linked), anchor) {
				t.Errorf("%s links to #%s, and no heading has that name", name, match[1])
			}
		}
	}
}

// anchorsOf lists the headings as they are linked to: lower case, spaces as dashes, no other signs.
func anchorsOf(text string) []string {
	var anchors []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		words := strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-")
		anchors = append(anchors, regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(words, ""))
	}
	return anchors
}

func TestDocumentsNameMakeTargetsThatExist(t *testing.T) {
	targets := makeTargets(t, "Makefile")
	code := regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	call := regexp.MustCompile(`\bmake ([a-z][a-z-]*)`)
	for _, name := range documents(t) {
		for _, span := range code.FindAllString(readFile(t, name), -1) {
			for _, called := range call.FindAllStringSubmatch(span, -1) {
				if !targets[called[1]] {
					t.Errorf("%s says make %s, and there is no such target", name, called[1])
				}
			}
		}
	}
}

func makeTargets(t *testing.T, name string) map[string]bool {
	t.Helper()
	text, targets := readFile(t, name), map[string]bool{}
	for _, target := range regexp.MustCompile(`(?m)^([a-z][a-z-]*):(?:[^=]|$)`).FindAllStringSubmatch(text, -1) {
		targets[target[1]] = true
	}
	for _, included := range regexp.MustCompile(`(?m)^-?include (\S+)$`).FindAllStringSubmatch(text, -1) {
		maps.Copy(targets, makeTargets(t, included[1]))
	}
	return targets
}

// tableUnder returns the cells of the one table that has this head, in whatever document it stands.
func tableUnder(t *testing.T, head string) [][]string {
	t.Helper()
	tables := tablesUnder(t, head)
	if len(tables) != 1 {
		t.Fatalf("the documents have %d tables under %s, want one", len(tables), head)
	}
	return tables[0]
}

func tablesUnder(t *testing.T, head string) [][][]string {
	t.Helper()
	var tables [][][]string
	var all strings.Builder
	fence := regexp.MustCompile("(?s)\n```.*?\n```\n") // what stands in one is no table of the document's own
	for _, name := range documents(t) {
		all.WriteString(fence.ReplaceAllString(readFile(t, name), "\n\n"))
	}
	for _, body := range strings.Split(all.String(), "\n"+head+"\n")[1:] {
		var rows [][]string
		for line := range strings.Lines(body) {
			row := strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(row, "|") {
				break
			}
			cells := strings.Split(strings.Trim(row, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
		tables = append(tables, rows[1:]) // below the rule
	}
	return tables
}

// plain takes the backticks off.
func plain(cell string) string { return strings.Trim(cell, "`") }

// parsed is the tree, which takes longer to parse than to judge.
var parsed = sync.OnceValues(func() ([]source, error) { return load(os.DirFS(".")) })

func loadTree(t *testing.T) []source {
	t.Helper()
	tree, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func wantSame[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the documents differ (-code +documents):\n%s", diff)
	}
}
