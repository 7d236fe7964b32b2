//! A reader of JSON, strict enough to find what a real one would refuse.

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// Only whole numbers occur.
    Number(u64),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one value that fills the text.
    pub(crate) fn parse(text: &str) -> Self {
        let mut reader = Reader { rest: text };
        let value = reader.value();
        assert_eq!(reader.rest, "", "behind the value of {text}");
        value
    }

    /// The field of an object.
    pub(crate) fn field(&self, name: &str) -> &Self {
        let Self::Object(fields) = self else { panic!("{self:?} is no object") };
        let (_, value) =
            fields.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"));
        value
    }

    pub(crate) fn text(&self) -> &str {
        let Self::String(text) = self else { panic!("{self:?} is no string") };
        text
    }

    pub(crate) fn number(&self) -> usize {
        let Self::Number(number) = self else { panic!("{self:?} is no number") };
        usize::try_from(*number).unwrap()
    }

    pub(crate) fn items(&self) -> &[Self] {
        let Self::Array(items) = self else { panic!("{self:?} is no array") };
        items
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn demand(&mut self, text: &str) {
        assert!(self.take(text), "{text} expected before {}", self.rest);
    }

    fn character(&mut self) -> char {
        let c = self.rest.chars().next().expect("more text");
        self.rest = &self.rest[c.len_utf8()..];
        c
    }

    fn value(&mut self) -> Json {
        if self.take("null") {
            return Json::Null;
        }
        if self.take("true") {
            return Json::Bool(true);
        }
        if self.take("false") {
            return Json::Bool(false);
        }
        match self.rest.chars().next() {
            Some('"') => Json::String(self.string()),
            Some('[') => Json::Array(self.list("[", "]", Self::value)),
            Some('{') => Json::Object(self.list("{", "}", |reader| {
                let name = reader.string();
                reader.demand(":");
                (name, reader.value())
            })),
            _ => {
                let digits = self.rest.chars().take_while(char::is_ascii_digit).count();
                let (number, rest) = self.rest.split_at(digits);
                self.rest = rest;
                Json::Number(number.parse().expect("a number"))
            }
        }
    }

    fn list<T>(&mut self, open: &str, close: &str, item: impl Fn(&mut Self) -> T) -> Vec<T> {
        self.demand(open);
        let mut items = Vec::new();
        while !self.take(close) {
            if !items.is_empty() {
                self.demand(",");
            }
            items.push(item(self));
        }
        items
    }

    fn string(&mut self) -> String {
        self.demand("\"");
        let mut text = String::new();
        loop {
            match self.character() {
                '"' => return text,
                '\\' => text.push(self.escape()),
                c => {
                    assert!(u32::from(c) >= 0x20, "a control character in a string");
                    text.push(c);
                }
            }
        }
    }

    fn escape(&mut self) -> char {
        match self.character() {
            c @ ('"' | '\\' | '/') => c,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits: String = (0..4).map(|_| self.character()).collect();
                char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).expect("no surrogate is written")
            }
            c => panic!("\\{c}"),
        }
    }
}
