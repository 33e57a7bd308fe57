//! Trees of files that are made up, for ecosystems whose registries no client here may reach.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Forty modules with fifty source files each.
pub fn go(folder: &Path) -> Result<(), String> {
    for module in 0..40 {
        let (mut manifest, mut sums) =
            (format!("module example.com/m{module}\n\ngo 1.24\n\nrequire (\n"), String::new());
        for needed in 0..120 {
            let number = (module * 7 + needed * 13) % 400;
            let _ = writeln!(manifest, "\texample.com/library/p{number} v1.{}.0 // indirect", number % 30);
            let _ = writeln!(sums, "example.com/library/p{number} v1.{}.0 h1:{:A>43}=", number % 30, "");
            let _ = writeln!(sums, "example.com/library/p{number} v1.{}.0/go.mod h1:{:B>43}=", number % 30, "");
        }
        let at = folder.join(format!("m{module}"));
        write(&at.join("go.mod"), &(manifest + ")\n"))?;
        write(&at.join("go.sum"), &sums)?;
        for file in 0..50 {
            write(
                &at.join(format!("internal/part{file}.go")),
                &source("package internal\n\nimport \"fmt\"\n\n", |line| {
                    format!(
                        "func F{file}x{line}(a int) string {{\n\treturn fmt.Sprintf(\"%d of {line}\", a+{line})\n}}\n\n"
                    )
                }),
            )?;
        }
    }
    Ok(())
}

/// Two hundred modules below one parent, with nine classes each.
pub fn maven(folder: &Path) -> Result<(), String> {
    let head = "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n<modelVersion>4.0.0</modelVersion>\n";
    let modules: String = (0..200).map(|module| format!("<module>m{module}</module>\n")).collect();
    let managed: String = (0..300).map(|number| dependency(number, true)).collect();
    let parent = format!(
        "{head}<groupId>example</groupId><artifactId>parent</artifactId><version>1.0</version><packaging>pom</packaging>\n\
         <modules>\n{modules}</modules>\n<dependencyManagement><dependencies>\n{managed}</dependencies></dependencyManagement>\n</project>\n"
    );
    write(&folder.join("pom.xml"), &parent)?;
    for module in 0..200 {
        let needed: String = (0..40).map(|needed| dependency((module * 7 + needed * 11) % 300, false)).collect();
        let pom = format!(
            "{head}<parent><groupId>example</groupId><artifactId>parent</artifactId><version>1.0</version></parent>\n\
             <artifactId>m{module}</artifactId>\n<dependencies>\n{needed}</dependencies>\n</project>\n"
        );
        let at = folder.join(format!("m{module}"));
        write(&at.join("pom.xml"), &pom)?;
        for file in 0..9 {
            let begin = format!("package example.m{module};\n\npublic final class C{file} {{\n");
            write(
                &at.join(format!("src/main/java/example/C{file}.java")),
                &(source(&begin, |line| {
                    format!(
                        "    public String f{line}(int a) {{\n        return \"{line} of \" + (a + {line});\n    }}\n\n"
                    )
                }) + "}\n"),
            )?;
        }
    }
    Ok(())
}

fn dependency(number: usize, with_version: bool) -> String {
    let version = if with_version { format!("<version>1.{}.0</version>", number % 40) } else { String::new() };
    format!("<dependency><groupId>example.library</groupId><artifactId>p{number}</artifactId>{version}</dependency>\n")
}

/// About five KB.
fn source(begin: &str, part: impl Fn(usize) -> String) -> String {
    (0..60).fold(begin.to_owned(), |text, line| text + &part(line))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| error.to_string())
}
