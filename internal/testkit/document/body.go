package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bodies checks JSON bodies against their schemas. kin-openapi compiles a schema for each body; bodies compiles it
// once.
type bodies struct {
	components any
	compiled   sync.Map // of *openapi3.SchemaRef to compile's result
}

func newBodies(components *openapi3.Components) (*bodies, error) {
	parsed, err := parsedJSON(components)
	return &bodies{components: parsed}, err
}

// check returns an error if a body does not fit the schema that its reply has for its media type.
func (b *bodies) check(response *openapi3.Response, header http.Header, body []byte) error {
	if len(response.Content) == 0 {
		return nil
	}
	media := header.Get("Content-Type")
	content := response.Content.Get(media)
	if content == nil {
		return fmt.Errorf("no body of type %q", media)
	}
	if content.Schema == nil {
		return nil
	}
	known, _ := b.compiled.LoadOrStore(content.Schema, sync.OnceValues(func() (*jsonschema.Schema, error) { return b.compile(content.Schema) }))
	compile, _ := known.(func() (*jsonschema.Schema, error)) // nothing else is stored
	schema, err := compile()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// compile puts the schema beside the document's components, to which its references lead.
func (b *bodies) compile(ref *openapi3.SchemaRef) (*jsonschema.Schema, error) {
	parsed, err := parsedJSON(ref)
	if err != nil {
		return nil, err
	}
	schema, isObject := parsed.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("the schema of a body is %T", parsed)
	}
	schema["components"] = b.components
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	const at = "https://example.com/body.json"
	if err := compiler.AddResource(at, schema); err != nil {
		return nil, err
	}
	return compiler.Compile(at)
}

func parsedJSON(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

// isJSON reports whether a media type is application/json or a kind of it.
func isJSON(header http.Header) bool {
	media, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "application/json" || strings.HasSuffix(media, "+json")
}
