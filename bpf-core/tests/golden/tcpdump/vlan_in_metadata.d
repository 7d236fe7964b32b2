(000) ldb      [vlanp]
(001) jeq      #0x1             jt 6	jf 2
(002) ldh      [12]
(003) jeq      #0x8100          jt 6	jf 4
(004) jeq      #0x88a8          jt 6	jf 5
(005) jeq      #0x9100          jt 6	jf 9
(006) ldh      [type]
(007) jeq      #0x4             jt 9	jf 8
(008) ret      #262144
(009) ret      #0
