package config_test

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

// apiKey is a JWT with this payload; nothing here looks at its signature.
func apiKey(payload string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + part([]byte(payload)) + ".c2lnbmF0dXJl"
}

func TestTheNewNamesOfSupabasesKeysAreNamesOfTheSettings(t *testing.T) {
	t.Parallel()
	keys := map[string]string{
		"SUPABASE_SERVICE_ROLE_KEY": "", "SUPABASE_SECRET_KEY": "sb_secret_0123456789",
		"SUPABASE_ANON_KEY": "", "SUPABASE_PUBLISHABLE_KEY_FILE": write(t, "sb_publishable_0123456789\n"),
	}
	loaded := load(t, complete(keys))
	got := []string{loaded.Settings.Supabase.ServiceRoleKey.Reveal(), loaded.Settings.Supabase.AnonKey.Reveal()}
	if diff := cmp.Diff([]string{"sb_secret_0123456789", "sb_publishable_0123456789"}, got); diff != "" {
		t.Error(diff)
	}
	origins := []string{entry(t, loaded, "SUPABASE_SERVICE_ROLE_KEY").Origin.String(), entry(t, loaded, "SUPABASE_ANON_KEY").Origin.String()}
	if diff := cmp.Diff([]string{"environment (SUPABASE_SECRET_KEY)", "file (SUPABASE_PUBLISHABLE_KEY_FILE)"}, origins); diff != "" {
		t.Error(diff)
	}
}

func TestAKeyInTheWrongPlaceIsAFaultThatNamesThePlace(t *testing.T) {
	t.Parallel()
	const (
		secretHere = ": the project's secret (or service_role) key belongs here"
		publicHere = ": the project's publishable (or anon) key belongs here, and a secret one in no web page"
		noSecret   = "is an API key, and not the secret that the project signs tokens with"
		keyPair    = "is a key in the form of PEM or JWK, and not a shared secret: whoever has a public key could sign tokens. " +
			"The service fetches published keys from SUPABASE_URL"
	)
	anon, service := apiKey(`{"role":"anon","exp":9999999999}`), apiKey(`{"role":"service_role","exp":9999999999}`)
	for name, test := range map[string]struct {
		changes map[string]string
		want    config.Faults
	}{
		"new keys":                     {map[string]string{"SUPABASE_ANON_KEY": "sb_publishable_x", "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_x"}, nil},
		"JWTs":                         {map[string]string{"SUPABASE_ANON_KEY": anon, "SUPABASE_SERVICE_ROLE_KEY": service}, nil},
		"keys of no known form":        {map[string]string{"SUPABASE_ANON_KEY": "a.b.c", "SUPABASE_SERVICE_ROLE_KEY": "bc"}, nil},
		"a secret key as the anon key": {map[string]string{"SUPABASE_ANON_KEY": "sb_secret_x"}, config.Faults{{Name: "SUPABASE_ANON_KEY", Problem: "is a secret key (sb_secret_…)" + publicHere}}},
		"by its new name": {
			map[string]string{"SUPABASE_ANON_KEY": "", "SUPABASE_PUBLISHABLE_KEY": "sb_secret_x"},
			config.Faults{{Name: "SUPABASE_PUBLISHABLE_KEY", Problem: "is a secret key (sb_secret_…)" + publicHere}},
		},
		"a publishable key as the service key": {map[string]string{"SUPABASE_SERVICE_ROLE_KEY": "sb_publishable_x"}, config.Faults{{Name: "SUPABASE_SERVICE_ROLE_KEY", Problem: "is a publishable key (sb_publishable_…)" + secretHere}}},
		"a personal access token as the service key": {
			map[string]string{"SUPABASE_SERVICE_ROLE_KEY": "sbp_0123456789"},
			config.Faults{{Name: "SUPABASE_SERVICE_ROLE_KEY", Problem: "is a personal access token (sbp_…)" + secretHere}},
		},
		"both exchanged": {
			map[string]string{"SUPABASE_ANON_KEY": service, "SUPABASE_SERVICE_ROLE_KEY": anon},
			config.Faults{
				{Name: "SUPABASE_SERVICE_ROLE_KEY", Problem: "is a JWT of the role anon" + secretHere},
				{Name: "SUPABASE_ANON_KEY", Problem: "is a JWT of the role service_role" + publicHere},
			},
		},
		"a user's token": {
			map[string]string{"SUPABASE_SERVICE_ROLE_KEY": apiKey(`{"role":"authenticated","sub":"hunter2"}`)},
			config.Faults{{Name: "SUPABASE_SERVICE_ROLE_KEY", Problem: "is a JWT of the role authenticated" + secretHere}},
		},
		"a JWT of a role that Supabase does not have": {
			map[string]string{"SUPABASE_ANON_KEY": apiKey(`{"role":"hunter2"}`)},
			config.Faults{{Name: "SUPABASE_ANON_KEY", Problem: "is a JWT of no role of an API key" + publicHere}},
		},
		"one key in both": {
			map[string]string{"SUPABASE_ANON_KEY": "same", "SUPABASE_SERVICE_ROLE_KEY": "same"},
			config.Faults{{Name: "SUPABASE_ANON_KEY", Problem: "is the same key as SUPABASE_SERVICE_ROLE_KEY: the project has two"}},
		},
		"one JWT in both": {
			map[string]string{"SUPABASE_ANON_KEY": service, "SUPABASE_SERVICE_ROLE_KEY": service},
			config.Faults{{Name: "SUPABASE_ANON_KEY", Problem: "is a JWT of the role service_role" + publicHere}},
		},
		"a key as the JWT secret":        {map[string]string{"SUPABASE_JWT_SECRET": anon}, config.Faults{{Name: "SUPABASE_JWT_SECRET", Problem: noSecret}}},
		"a secret key as the JWT secret": {map[string]string{"SUPABASE_JWT_SECRET": "sb_secret_0123456789012345678901234"}, config.Faults{{Name: "SUPABASE_JWT_SECRET", Problem: noSecret}}},
		"a published key as the JWT secret": {
			map[string]string{"SUPABASE_JWT_SECRET": `{"kty":"EC","crv":"P-256","kid":"1","x":"…","y":"…"}`},
			config.Faults{{Name: "SUPABASE_JWT_SECRET", Problem: keyPair}},
		},
		"a key in PEM as the former JWT secret": {
			map[string]string{"SUPABASE_JWT_SECRET_PREVIOUS": "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"},
			config.Faults{{Name: "SUPABASE_JWT_SECRET_PREVIOUS", Problem: keyPair}},
		},
		"the JWT secret as the service key": {
			map[string]string{"SUPABASE_SERVICE_ROLE_KEY": complete(nil)["SUPABASE_JWT_SECRET"]},
			config.Faults{{Name: "SUPABASE_JWT_SECRET", Problem: noSecret}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i := range test.want {
				for _, setting := range config.Reference() {
					if strings.TrimSuffix(test.want[i].Name, "_FILE") == setting.Name || len(setting.Aliases) > 0 && setting.Aliases[0] == test.want[i].Name {
						test.want[i].Example = setting.Example
					}
				}
			}
			for _, environment := range []string{"development", "production"} {
				settings := maps.Clone(test.changes)
				settings["APP_ENV"] = environment
				if diff := cmp.Diff(test.want, faultsOf(t, complete(settings), config.Source{})); diff != "" {
					t.Errorf("in %s: %s", environment, diff)
				}
			}
		})
	}
}

func TestAnExpiredKeyIsWarnedAbout(t *testing.T) {
	t.Parallel()
	loaded := load(t, complete(map[string]string{
		"SUPABASE_ANON_KEY":         apiKey(`{"role":"anon","exp":1700000000}`),
		"SUPABASE_SERVICE_ROLE_KEY": apiKey(`{"role":"service_role","exp":9999999999}`),
	}))
	want := []config.Warning{{Name: "SUPABASE_ANON_KEY", Message: "expired at 2023-11-14T22:13:20Z, and Supabase refuses it"}}
	if diff := cmp.Diff(want, loaded.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestAValueThatIsHardlyMeantIsWarnedAbout(t *testing.T) {
	t.Parallel()
	const (
		space    = "begins or ends with a space, a line break or another invisible character, which counts: is it meant?"
		variable = "is a variable, and nothing is expanded: is it meant?"
		quotes   = "begins and ends with a quotation mark, which counts: is it meant?"
	)
	secret := complete(nil)["SUPABASE_JWT_SECRET"]
	for name, test := range map[string]struct {
		changes map[string]string
		want    []config.Warning
	}{
		"a line break at the end":       {map[string]string{"SUPABASE_JWT_SECRET": secret + "\n"}, []config.Warning{{Name: "SUPABASE_JWT_SECRET", Message: space}}},
		"a space before":                {map[string]string{"SUPABASE_JWT_SECRET": " " + secret}, []config.Warning{{Name: "SUPABASE_JWT_SECRET", Message: space}}},
		"a second line break of a file": {map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": write(t, "pass\n\n")}, []config.Warning{{Name: "NEO4J_PASSWORD_FILE", Message: space}}},
		"one line break of a file":      {map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": write(t, "pass\n")}, nil},
		"a byte order mark":             {map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": write(t, "\ufeffpass\n")}, []config.Warning{{Name: "NEO4J_PASSWORD_FILE", Message: space}}},
		"a space of no width":           {map[string]string{"SUPABASE_JWT_SECRET": secret + "\u200b"}, []config.Warning{{Name: "SUPABASE_JWT_SECRET", Message: space}}},
		"quotation marks of a text":     {map[string]string{"NEO4J_PASSWORD": "“correct horse”"}, []config.Warning{{Name: "NEO4J_PASSWORD", Message: quotes}}},
		"quotation marks of no secret":  {map[string]string{"SUPABASE_JWT_ISSUER": `"issuer"`}, []config.Warning{{Name: "SUPABASE_JWT_ISSUER", Message: quotes}}},
		"a variable":                    {map[string]string{"NEO4J_PASSWORD": "$PASSWORD_OF_NEO4J"}, []config.Warning{{Name: "NEO4J_PASSWORD", Message: variable}}},
		"a variable in braces":          {map[string]string{"NEO4J_USERNAME": "${NEO4J_USER:-neo4j}"}, []config.Warning{{Name: "NEO4J_USERNAME", Message: variable}}},
		"a variable of a template":      {map[string]string{"NEO4J_PASSWORD": "{{ .password }}"}, []config.Warning{{Name: "NEO4J_PASSWORD", Message: variable}}},
		"a variable of Kubernetes":      {map[string]string{"NEO4J_PASSWORD": "$(NEO4J_PASSWORD)"}, []config.Warning{{Name: "NEO4J_PASSWORD", Message: variable}}},
		"braces":                        {map[string]string{"NEO4J_PASSWORD": "{correct horse}"}, nil},
		"a $ at the beginning":          {map[string]string{"NEO4J_PASSWORD": "$correct{horse}"}, nil},
		"quotation marks":               {map[string]string{"SUPABASE_JWT_SECRET": `"` + secret + `"`}, []config.Warning{{Name: "SUPABASE_JWT_SECRET", Message: quotes}}},
		"one quotation mark":            {map[string]string{"NEO4J_PASSWORD": `"`}, nil},
		"a space inside":                {map[string]string{"NEO4J_PASSWORD": "correct horse"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, load(t, complete(test.changes)).Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}
