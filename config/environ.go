package config

import (
	"errors"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

const (
	prefix     = "LIUKE_"
	testPrefix = "LIUKE_TEST_"
	fileSuffix = "_FILE"
)

// resolve picks our settings out of the environment and reads the files that _FILE twins name. An empty variable
// counts as not set: compose files pass those on.
func resolve(environ, names []string) (map[string]string, faults) {
	var found faults
	given := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if value == "" || !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, testPrefix) {
			continue
		}
		if !slices.Contains(names, strings.TrimSuffix(name, fileSuffix)) {
			if !setByKubernetes(name) {
				found.add(name, "is not a setting")
			}
			continue
		}
		given[name] = value
	}

	values := make(map[string]string, len(names))
	for _, name := range names {
		value, direct := given[name]
		file, twin := given[name+fileSuffix]
		switch {
		case direct && twin:
			found.add(name, "is set, and so is "+name+fileSuffix+"; only one may be")
		case twin:
			text, err := os.ReadFile(file)
			if err != nil {
				found.add(name+fileSuffix, "cannot read "+file+": "+plainCause(err))
				continue
			}
			values[name] = strings.TrimRight(string(text), "\r\n")
			if values[name] == "" {
				found.add(name+fileSuffix, "names an empty file: "+file)
			}
		case direct:
			values[name] = value
		}
	}
	return values, found
}

// setByKubernetes tells the variables that Kubernetes sets in every pod for a service called liuke or liuke-….
func setByKubernetes(name string) bool {
	return regexp.MustCompile(
		`^LIUKE_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`).MatchString(name)
}

// settingOf finds the environment name of a field of Config.
func settingOf(field string) string {
	f, _ := reflect.TypeFor[Config]().FieldByName(field)
	return f.Tag.Get("env")
}

// plainCause is what went wrong without the operation and the path, which the fault names already.
func plainCause(err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}
