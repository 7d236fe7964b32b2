(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 11
(002) ldh      [16]
(003) sub      #20
(004) st       M[2]
(005) ldb      [14]
(006) neg      
(007) tax      
(008) ld       M[2]
(009) jgt      x                jt 10	jf 11
(010) ret      #262144
(011) ret      #0
