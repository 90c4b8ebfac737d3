// The rules of the architecture: which package may import which, and what may be in which file. Every rule is a
// function of a tree of Go files, so that each is tested on bad trees too. Build constraints are ignored: the rules
// hold on every system.
package architecture_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/journey-os/journey-api"

// rings lists what each ring may import of this module; for adapters, see adaptersStandApart as well.
var rings = map[string][]string{
	"core":      {"core"},
	"ports":     {"core", "ports"},
	"adapters":  {"core", "ports", "adapters"},
	"bootstrap": {"core", "ports", "adapters", "bootstrap"},
	"internal":  {"core", "ports", "adapters", "internal"},
	"bench":     {"core", "ports", "adapters", "bootstrap", "internal", "bench"}, // it runs the service that it measures
}

// homes lists the packages that may import each vendor. A vendor without an entry is refused, so that a new dependency
// is a decision.
var homes = map[string][]string{
	"github.com/gofiber":              {"adapters/httpapi"},
	"github.com/valyala/fasthttp":     {"adapters/httpapi"},
	"github.com/danielgtaylor/huma":   {"adapters/httpapi"},
	"github.com/swaggest/swgui":       {"adapters/httpapi"},
	"filippo.io/edwards25519":         {"adapters/jwtauth"},
	"github.com/MicahParks/jwkset":    {"adapters/jwtauth"},
	"github.com/hashicorp/golang-lru": {"adapters/jwtauth", "adapters/httpapi"}, // both bound what strangers make them remember
	"golang.org/x/time":               {"adapters/httpapi"},
	"github.com/golang-jwt/jwt":       {"adapters/jwtauth"},
	"github.com/go-json-experiment":   {"adapters/jwtauth", "adapters/httpapi/strictjson", "adapters/datafile"}, // all parse what a stranger wrote
	"github.com/neo4j":                {"adapters/neo4jdb"},
	"github.com/supabase-community":   {"adapters/supabasedb"},
	"modernc.org/sqlite":              {"adapters/sqlitedb"},
	"github.com/jackc/pgx":            {"adapters/postgresdb", "adapters/jobs"}, // River's driver takes its pool
	"github.com/riverqueue/river":     {"adapters/jobs"},
	"github.com/pressly/goose":        {"adapters/sqlitedb", "adapters/postgresdb"}, // both have a schema that grows
	"github.com/knadh/koanf":          {"adapters/config"},
	"golang.org/x/net":                {"adapters/config"},
	"github.com/alecthomas/kong":      {"bootstrap/cli"},
	"github.com/prometheus":           {"adapters/metrics"},
	"github.com/schollz/progressbar":  {"bootstrap/cli"},
	"golang.org/x/term":               {"bootstrap/cli"}, // whether there is a terminal to draw on
	"github.com/google/uuid":          {"adapters/httpapi", "adapters/jobs", "adapters/tracing", "bootstrap/app", "bootstrap/cli"},

	// OpenTelemetry: traced adapters use its API, and only the adapter tracing has the SDK and the exporter.
	"go.opentelemetry.io/otel/trace":       traced,
	"go.opentelemetry.io/otel/attribute":   traced,
	"go.opentelemetry.io/otel/codes":       traced,
	"go.opentelemetry.io/otel/propagation": traced,
	"go.opentelemetry.io/otel/semconv":     traced,
	"go.opentelemetry.io/otel":             {"adapters/tracing"},
	"go.opentelemetry.io/proto/otlp":       {"adapters/tracing"},
	"google.golang.org/protobuf":           {"adapters/tracing"},
}

// traced are the packages that open spans of their own, tracing, which sends them, and bootstrap, which hands them over.
var traced = []string{"adapters/httpapi", "adapters/neo4jdb", "adapters/supabasedb", "adapters/tracing", "bootstrap"}

// testVendors are what tests of core and ports may import besides the standard library.
var testVendors = []string{"github.com/google/go-cmp", "go.uber.org/goleak"}

// coreBans are the families of the standard library that do input or output, or know a wire format.
var coreBans = []string{
	"net", "os", "io/fs", "io/ioutil", "embed", "encoding/json", "log", "database/sql", "syscall", "flag",
}

var (
	bannedPackages = []string{"util", "utils", "common", "helper", "helpers", "shared", "types", "interfaces", "impl", "misc"}
	bannedFolders  = []string{"handlers", "dto", "middleware", "repository"}
)

// source is one Go file.
type source struct {
	path    string
	ring    string
	isTest  bool
	syntax  *ast.File
	imports []string
}

// rule returns one line for each place where a tree breaks it: the file, what it does, and the rule in words.
type rule func(tree []source) []string

// law is every rule.
var law = map[string]rule{
	"every package belongs to a ring":                    packagesBelongToRings,
	"no ring is empty":                                   ringsAreNotEmpty,
	"imports run inwards":                                importsRunInwards,
	"adapters never import one another":                  adaptersStandApart,
	"core and ports import the standard library alone":   innerRingsImportNoVendor,
	"core does no input or output":                       coreDoesNoIO,
	"core reads no clock and shares no randomness":       coreIsGivenTimeAndChance,
	"core speaks of no transport":                        coreSpeaksOfNoTransport,
	"a vendor lives in its one home":                     vendorsLiveAtHome,
	"production code imports no test code":               productionImportsNoTestCode,
	"every interface of core has its alias in ports":     coreInterfacesHaveAliases,
	"ports itself declares interfaces alone":             portsDeclaresInterfaces,
	"no struct tags in core":                             coreHasNoTags,
	"packages and files are named for what they hold":    namesSaySomething,
	"only main ends the process":                         onlyMainExits,
	"every package has a package comment":                packagesHaveComments,
	"generated files end in _moq.go, and only generated": generatedFilesAreNamed,
}

func TestTheTreeKeepsTheLaw(t *testing.T) {
	tree := loadTree(t)
	for name, broken := range law {
		t.Run(name, func(t *testing.T) {
			for _, fault := range broken(tree) {
				t.Error(fault)
			}
		})
	}
}

// load parses every Go file of the module; hidden folders, test data and nested modules are no part of it.
func load(root fs.FS) ([]source, error) {
	var tree []source
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return skipFolder(root, name)
		case path.Ext(name) != ".go":
			return nil
		}
		file, err := parse(root, name)
		tree = append(tree, file)
		return err
	})
	return tree, err
}

func skipFolder(root fs.FS, name string) error {
	if name == "." {
		return nil
	}
	base := path.Base(name)
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor" {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func parse(root fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return source{}, err
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	file := source{path: name, isTest: strings.HasSuffix(name, "_test.go"), syntax: syntax}
	if ring, _, inFolder := strings.Cut(name, "/"); inFolder {
		file.ring = ring
	}
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, fmt.Errorf("%s: %w", name, err)
		}
		file.imports = append(file.imports, imported)
	}
	return file, nil
}

func (s source) folder() string { return path.Dir(s.path) }

// isTool reports whether the file serves tests and measurements alone and is in no production binary.
func (s source) isTool() bool {
	return s.ring == "internal" || s.ring == "bench" || under(s.folder(), "ports/portstest")
}

func (s source) fault(imported, rule string) string {
	return fmt.Sprintf("%s imports %s: %s", s.path, imported, rule)
}

// under reports whether name is folder or stands below it; import paths are folders too.
func under(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

func underAny(name string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return under(name, folder) })
}

// ours returns where in this module an import path leads.
func ours(imported string) (folder string, ok bool) { return strings.CutPrefix(imported, module+"/") }

func isVendor(imported string) bool {
	host, _, _ := strings.Cut(imported, "/")
	return strings.Contains(host, ".") && !under(imported, module)
}

// eachImport calls judge for every import and collects its results; "" is none.
func eachImport(tree []source, judge func(file source, imported string) string) []string {
	var faults []string
	for _, file := range tree {
		for _, imported := range file.imports {
			if fault := judge(file, imported); fault != "" {
				faults = append(faults, fault)
			}
		}
	}
	return faults
}

func packagesBelongToRings(tree []source) []string {
	var faults []string
	for _, file := range tree {
		_, known := rings[file.ring]
		switch {
		case file.ring == "" && !file.isTest:
			faults = append(faults, file.path+" stands at the top: code stands in a ring, only tests of the whole stand here")
		case file.ring != "" && !known:
			faults = append(faults, fmt.Sprintf("%s is in no ring: the rings are %s",
				file.path, strings.Join(slices.Sorted(maps.Keys(rings)), ", ")))
		case file.folder() == "adapters":
			faults = append(faults, file.path+" is in no adapter: each outside thing has its own folder in adapters")
		}
	}
	return faults
}

func ringsAreNotEmpty(tree []source) []string {
	var faults []string
	for _, ring := range []string{"core", "ports", "adapters", "bootstrap"} {
		if !slices.ContainsFunc(tree, func(file source) bool { return file.ring == ring && !file.isTest && !file.isTool() }) {
			faults = append(faults, ring+" is empty: every ring has code")
		}
	}
	return faults
}

func importsRunInwards(tree []source) []string {
	return eachImport(tree, func(file source, imported string) string {
		folder, inside := ours(imported)
		ring, _, _ := strings.Cut(folder, "/")
		allowed, known := rings[file.ring]
		isInner := file.ring == "core" || file.ring == "ports"
		switch {
		case !inside || !known || slices.Contains(allowed, ring):
			return ""
		case file.isTest && folder == "ports/portstest":
			return ""
		case file.isTest && ring == "internal" && !isInner:
			return ""
		}
		return file.fault(imported, "imports run one way, core <- ports <- adapters <- bootstrap")
	})
}

func adaptersStandApart(tree []source) []string {
	return eachImport(tree, func(file source, imported string) string {
		folder, inside := ours(imported)
		if file.ring != "adapters" || !inside || !under(folder, "adapters") || adapterOf(folder) == adapterOf(file.folder()) {
			return ""
		}
		return file.fault(imported, "adapters never import one another")
	})
}

// adapterOf returns the adapter's own folder: adapters/httpapi for adapters/httpapi/assets.
func adapterOf(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func innerRingsImportNoVendor(tree []source) []string {
	return eachImport(tree, func(file source, imported string) string {
		if file.ring != "core" && file.ring != "ports" || !isVendor(imported) {
			return ""
		}
		if file.isTest && underAny(imported, testVendors) {
			return ""
		}
		return file.fault(imported, "core and ports import the standard library alone")
	})
}

func coreDoesNoIO(tree []source) []string {
	return eachImport(tree, func(file source, imported string) string {
		if file.ring != "core" || file.isTest || !underAny(imported, coreBans) {
			return ""
		}
		return file.fault(imported, "core does no input or output and knows no wire format")
	})
}

// clockReads read the wall clock, and clockWaits wait by it.
var (
	clockReads = []string{"Now", "Since", "Until"}
	clockWaits = []string{"After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"}
)

// waiters are the files of core that may wait: their work runs beside requests.
var waiters = []string{
	"core/health/monitor.go", "core/jobs/sleep.go", "core/calibration/compute.go", "core/calibration/service.go",
}

// coreIsGivenTimeAndChance requires that core uses only the time that it is given, and its own sources of randomness.
func coreIsGivenTimeAndChance(tree []source) []string {
	var faults []string
	for _, file := range tree {
		if file.ring != "core" || file.isTest {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			selector, isSelector := node.(*ast.SelectorExpr)
			if !isSelector {
				return true
			}
			name := selector.Sel.Name
			isRead := slices.Contains(clockReads, name)
			isWait := slices.Contains(clockWaits, name) && !slices.Contains(waiters, file.path)
			switch from := file.imported(selector); {
			case from == "time" && (isRead || isWait):
				faults = append(faults, fmt.Sprintf("%s uses time.%s: core is handed the time, as now", file.path, name))
			case (from == "math/rand" || from == "math/rand/v2") && isGlobal(name):
				faults = append(faults, fmt.Sprintf("%s uses rand.%s: randomness comes from a source with a seed", file.path, name))
			}
			return true
		})
	}
	return faults
}

// isGlobal reports whether a function of math/rand draws from the source that all share: types and constructors do not.
func isGlobal(name string) bool {
	return !strings.HasPrefix(name, "New") && !slices.Contains([]string{"Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}, name)
}

// transportWords are words of transports. In core a field of a request has a name, and no JSON pointer.
var transportWords = regexp.MustCompile(`(?i)\b(https?|json|jwt|claims?|headers?|bearer|cookies?|status codes?)\b|"/(body|query|path|header)`)

// coreSpeaksOfNoTransport reads names, texts and comments, and lets links pass. Only the package comment of core itself may
// say what it knows nothing of.
func coreSpeaksOfNoTransport(tree []source) []string {
	var faults []string
	for _, file := range tree {
		if file.ring != "core" || file.isTest || file.path == "core/doc.go" {
			continue
		}
		judge := func(text string) {
			if word := transportWords.FindString(links.ReplaceAllString(text, "")); word != "" {
				faults = append(faults, fmt.Sprintf("%s says %q: adapters know how a request comes in, core does not", file.path, word))
			}
		}
		for _, group := range file.syntax.Comments {
			judge(group.Text())
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.Ident:
				judge(node.Name)
			case *ast.BasicLit:
				judge(node.Value)
			case *ast.ImportSpec:
				return false // coreDoesNoIO speaks of it
			case *ast.Field:
				return node.Tag == nil // coreHasNoTags speaks of it
			}
			return true
		})
	}
	return faults
}

var links = regexp.MustCompile(`https?://\S+`)

func vendorsLiveAtHome(tree []source) []string {
	return eachImport(tree, func(file source, imported string) string {
		if file.isTest || file.isTool() || file.ring == "core" || file.ring == "ports" || !isVendor(imported) {
			return ""
		}
		vendor := vendorOf(imported)
		switch at := homes[vendor]; {
		case vendor == "":
			return file.fault(imported, "this vendor has no home yet: give it one adapter, in homes")
		case !underAny(file.folder(), at):
			return file.fault(imported, vendor+" is imported by "+strings.Join(at, " and ")+" alone")
		}
		return ""
	})
}

// vendorOf is the entry of homes that an import falls under, the closest if it falls under several.
func vendorOf(imported string) string {
	closest := ""
	for vendor := range homes {
		if under(imported, vendor) && len(vendor) > len(closest) {
			closest = vendor
		}
	}
	return closest
}

func productionImportsNoTestCode(tree []source) []string {
	return eachImport(tree, func(file source, imported string) string {
		folder, _ := ours(imported)
		if file.isTest || file.isTool() || !underAny(folder, []string{"ports/portstest", "internal", "bench"}) {
			return ""
		}
		return file.fault(imported, "production code never imports what is made for tests")
	})
}

func coreInterfacesHaveAliases(tree []source) []string {
	aliases := map[string]bool{}
	for _, declared := range typesOf(tree, "ports") {
		selector, isSelector := declared.spec.Type.(*ast.SelectorExpr)
		if declared.spec.Assign.IsValid() && isSelector && declared.spec.Name.IsExported() {
			aliases[fmt.Sprintf("%s.%s", selector.X, selector.Sel)] = true
		}
	}
	var faults []string
	for _, declared := range typesOf(tree, "core") {
		if name, ok := declared.exportedInterface(); ok && !aliases[name] {
			faults = append(faults, fmt.Sprintf("%s declares the interface %s: ports lists it as an alias", declared.file.path, name))
		}
	}
	return faults
}

// portsDeclaresInterfaces lets the package ports declare interfaces and aliases of core's, and nothing else; the packages
// below it have the rest.
func portsDeclaresInterfaces(tree []source) []string {
	interfaces := map[string]bool{}
	for _, declared := range typesOf(tree, "core") {
		if name, ok := declared.exportedInterface(); ok {
			interfaces[name] = true
		}
	}
	var faults []string
	for _, file := range tree {
		if file.folder() != "ports" || file.isTest {
			continue
		}
		for _, name := range declaredBesides(file.syntax, interfaces) {
			faults = append(faults, fmt.Sprintf("%s declares %s: ports itself declares interfaces, and aliases of core's, alone", file.path, name))
		}
	}
	return faults
}

// declaredBesides lists the names that a file declares and that are neither interfaces nor aliases of the given ones.
func declaredBesides(file *ast.File, interfaces map[string]bool) []string {
	var names []string
	for _, decl := range file.Decls {
		if function, isFunction := decl.(*ast.FuncDecl); isFunction {
			names = append(names, function.Name.Name)
			continue
		}
		for _, spec := range decl.(*ast.GenDecl).Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			case *ast.TypeSpec:
				_, isInterface := spec.Type.(*ast.InterfaceType)
				selector, isSelector := spec.Type.(*ast.SelectorExpr)
				isAlias := spec.Assign.IsValid() && isSelector && interfaces[fmt.Sprintf("%s.%s", selector.X, selector.Sel)]
				if !isInterface && !isAlias {
					names = append(names, spec.Name.Name)
				}
			}
		}
	}
	return names
}

// declaration is a type declared at the top of a file.
type declaration struct {
	file source
	spec *ast.TypeSpec
}

// exportedInterface returns the name of an exported interface with its package's, and reports whether the type is one.
func (d declaration) exportedInterface() (name string, ok bool) {
	_, isInterface := d.spec.Type.(*ast.InterfaceType)
	return fmt.Sprintf("%s.%s", d.file.syntax.Name, d.spec.Name), isInterface && d.spec.Name.IsExported()
}

// typesOf lists the types that the package in folder declares, its tests aside.
func typesOf(tree []source, folder string) []declaration {
	var declared []declaration
	for _, file := range tree {
		if file.isTest || file.ring != folder || file.isTool() {
			continue
		}
		for _, decl := range file.syntax.Decls {
			group, isGroup := decl.(*ast.GenDecl)
			if !isGroup {
				continue
			}
			for _, spec := range group.Specs {
				if spec, isType := spec.(*ast.TypeSpec); isType {
					declared = append(declared, declaration{file: file, spec: spec})
				}
			}
		}
	}
	return declared
}

func coreHasNoTags(tree []source) []string {
	var faults []string
	for _, file := range tree {
		if file.ring != "core" || file.isTest {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			if field, isField := node.(*ast.Field); isField && field.Tag != nil {
				faults = append(faults, fmt.Sprintf("%s has the struct tag %s: core knows no wire format",
					file.path, field.Tag.Value))
			}
			return true
		})
	}
	return faults
}

func namesSaySomething(tree []source) []string {
	var faults []string
	for _, file := range tree {
		pkg := strings.TrimSuffix(file.syntax.Name.Name, "_test")
		base := strings.TrimSuffix(strings.TrimSuffix(path.Base(file.path), ".go"), "_test")
		folders := strings.Split(file.folder(), "/")
		switch {
		case slices.Contains(bannedPackages, pkg):
			faults = append(faults, fmt.Sprintf("%s is of package %s: a package is named for what it holds", file.path, pkg))
		case slices.Contains(bannedPackages, base):
			faults = append(faults, file.path+": a file is named for the concept it holds")
		}
		for _, folder := range folders {
			if slices.Contains(bannedFolders, folder) || slices.Contains(bannedPackages, folder) {
				faults = append(faults, fmt.Sprintf("%s stands in a folder %s: folders are cut by outside thing, not by layer",
					file.path, folder))
			}
		}
	}
	return faults
}

func onlyMainExits(tree []source) []string {
	var faults []string
	for _, file := range tree {
		isMain := file.syntax.Name.Name == "main" && (file.ring == "bootstrap" || file.isTool())
		if file.isTest || isMain {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			selector, isSelector := node.(*ast.SelectorExpr)
			if isSelector && file.ends(selector) {
				faults = append(faults, fmt.Sprintf("%s uses %s.%s: only package main of bootstrap ends the process",
					file.path, selector.X, selector.Sel))
			}
			return true
		})
	}
	return faults
}

// ends recognises os.Exit, syscall.Exit and log.Fatal with its kin, under whatever name the package is imported.
func (s source) ends(selector *ast.SelectorExpr) bool {
	switch s.imported(selector) {
	case "os", "syscall":
		return selector.Sel.Name == "Exit"
	case "log":
		return strings.HasPrefix(selector.Sel.Name, "Fatal")
	}
	return false
}

// imported is the package that a selector reaches into, under whatever name it is imported; "" if into none.
func (s source) imported(selector *ast.SelectorExpr) string {
	qualifier, isName := selector.X.(*ast.Ident)
	if !isName {
		return ""
	}
	for i, spec := range s.syntax.Imports {
		local := path.Base(strings.TrimSuffix(s.imports[i], "/v2"))
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == qualifier.Name {
			return s.imports[i]
		}
	}
	return ""
}

func packagesHaveComments(tree []source) []string {
	type folderState struct{ written, commented bool }
	folders := map[string]folderState{}
	for _, file := range tree {
		if file.isTest || ast.IsGenerated(file.syntax) {
			continue
		}
		state := folders[file.folder()]
		state.written = true
		state.commented = state.commented || strings.TrimSpace(file.syntax.Doc.Text()) != ""
		folders[file.folder()] = state
	}
	var faults []string
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		if state := folders[folder]; state.written && !state.commented {
			faults = append(faults, folder+" has no package comment: every package says what it is")
		}
	}
	return faults
}

func generatedFilesAreNamed(tree []source) []string {
	var faults []string
	for _, file := range tree {
		generated, named := ast.IsGenerated(file.syntax), strings.HasSuffix(file.path, "_moq.go")
		switch {
		case generated && !named:
			faults = append(faults, file.path+" carries the header of generated code: generated files end in _moq.go")
		case named && !generated:
			faults = append(faults, file.path+" carries no header of generated code: only generated files end in _moq.go")
		}
	}
	return faults
}
